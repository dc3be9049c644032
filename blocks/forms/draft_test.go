package forms_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type bench struct {
	*pg.DB
	clock *clock.Fake
	book  *audit.Book
	forms *forms.Block
	form  *forms.Form
}

func setup(t *testing.T) bench {
	t.Helper()
	db := testkit.DB(t)
	b := bench{DB: db, clock: testkit.Clock(t, "2026-11-23T08:42")}
	var err error
	b.book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: b.clock})
	b.forms, err = forms.New(forms.Config{DB: db.Reader, Clock: b.clock, Units: units{}, Book: b.book, Shipped: []fs.FS{fstest.MapFS{
		"sample.json": {Data: []byte(sample)},
		"later.json":  {Data: []byte(strings.NewReplacer(`"version": 1`, `"version": 2`, "2026-01-01", "2026-12-01", `"Họ tên"`, `"Tên đầy đủ"`).Replace(sample))}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.forms.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.form, err = b.forms.Current("sample"); err != nil {
		t.Fatal(err)
	}
	return b
}

func citizen(name string) actor.Actor {
	return actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Kind: actor.Citizen, Name: name, Level: 2}
}

func TestDraftsOfSeveralDevices(t *testing.T) {
	b := setup(t)
	duyen := actor.With(t.Context(), citizen("Duyên"))
	d, err := b.forms.BeginDraft(duyen, b.form, "1.004873", forms.Answers{"name": "Duyên"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.forms.BeginDraft(duyen, b.form, "1.004873", forms.Answers{"name": "another"})
	if err != nil || again.ID != d.ID || again.Answers.Text("name") != "Duyên" {
		t.Errorf("begun twice: %+v, %v", again, err)
	}
	phone := forms.SaveIn{Draft: d.ID, Rev: d.Rev, Client: "phone", Page: "born", Answers: forms.Answers{"born": "2026-11-14"}}
	var saved forms.Draft
	for range 2 { // sent twice
		if saved, err = b.forms.SaveDraft(duyen, phone); err != nil {
			t.Fatal(err)
		}
	}
	if saved.Rev != d.Rev+1 || saved.Answers.Text("name") != "Duyên" || saved.Page != "born" {
		t.Errorf("saved: %+v", saved)
	}
	phone.Answers = forms.Answers{"born": "2026-11-15"} // the same window saves on without having reloaded
	if saved, err = b.forms.SaveDraft(duyen, phone); err != nil || saved.Rev != d.Rev+2 {
		t.Errorf("same window: %+v, %v", saved, err)
	}
	laptop := forms.SaveIn{Draft: d.ID, Rev: d.Rev, Client: "laptop", Page: "born", Answers: forms.Answers{"born": "2026-11-16"}}
	_, err = b.forms.SaveDraft(duyen, laptop)
	stale, ok := errors.AsType[*forms.Stale](err)
	if !ok || stale.Now.Answers.Text("born") != "2026-11-15" || fault.KindOf(err) != fault.KindConflict {
		t.Fatalf("another device: %v", err)
	}
	laptop.Rev = stale.Now.Rev // she has seen both and decides
	if saved, err = b.forms.SaveDraft(duyen, laptop); err != nil || saved.Answers.Text("born") != "2026-11-16" {
		t.Errorf("decided: %+v, %v", saved, err)
	}
	other := actor.With(t.Context(), citizen("Another"))
	_, err = b.forms.SaveDraft(other, laptop)
	testkit.WantError(t, err, fault.NotFound("forms.draft"))
	_, err = b.forms.Draft(other, d.ID)
	testkit.WantError(t, err, fault.NotFound("forms.draft"))
	if err := b.forms.ForgetDraft(other, d.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := b.forms.Drafts(duyen); err != nil || len(list) != 1 {
		t.Errorf("her drafts: %v, %v", list, err)
	}
	if _, found, err := b.forms.DraftFor(duyen, "sample", "1.004873"); err != nil || !found {
		t.Errorf("her draft for the procedure: %v, %v", found, err)
	}
	b.clock.Advance(31 * 24 * time.Hour)
	_, err = b.forms.Draft(duyen, d.ID)
	testkit.WantError(t, err, fault.NotFound("forms.draft"))
	fresh, err := b.forms.BeginDraft(duyen, b.form, "1.004873", forms.Answers{"name": "new"})
	if err != nil || fresh.Answers.Text("name") != "new" || fresh.Answers.Text("born") != "" {
		t.Errorf("after its time: %+v, %v", fresh, err)
	}
	if err := b.forms.ForgetDraft(duyen, d.ID); err != nil {
		t.Fatal(err)
	}
	if list, _ := b.forms.Drafts(duyen); len(list) != 0 {
		t.Errorf("forgotten, but: %v", list)
	}
	_, err = b.forms.BeginDraft(t.Context(), b.form, "x", nil)
	testkit.WantError(t, err, fault.SignIn("forms.draft"))
}

func TestVersionsAreDated(t *testing.T) {
	b := setup(t)
	for day, want := range map[string]int{"2026-11-30T23:59": 1, "2026-12-01T00:00": 2} {
		b.clock.Set(testkit.Clock(t, day).Now())
		f, err := b.forms.Current("sample")
		if err != nil || f.Version != want {
			t.Errorf("%s: %v, %v", day, f, err)
		}
	}
	old, err := b.forms.Version("sample", 1)
	if err != nil || old.Text(vi, good(), "name") != "Lâm Gia Bảo" {
		t.Errorf("the version a record keeps: %v", err)
	}
	_, err = b.forms.Current("unknown")
	testkit.WantError(t, err, fault.NotFound("forms.form"))
}

// What an officer has changed is the next version of the form, which only whoever names it asks: the
// version that came with the program stays the one in force.
func TestChangedQuestionsAreAVersion(t *testing.T) {
	b := setup(t)
	changed := b.form.Definition.Clone()
	changed, _ = changed.Add(forms.Question{Name: "moi", Kind: forms.Line, Label: forms.Words{VI: "Câu mới", EN: "New"}}, "after:name")
	changed = changed.ChangePage(b.form.PageOf("name"), forms.Words{VI: "Bạn", EN: "You"}, forms.Words{}, "")
	var version int
	err := b.book.Act(actor.With(t.Context(), actor.ForSystem("test")), "forms.draft.begin", func(ctx context.Context, act *audit.Act) (err error) {
		version, err = b.forms.Publish(ctx, act, changed, "2026-11-23")
		return err
	})
	if err != nil || version != 3 {
		t.Fatalf("version %d: %v", version, err)
	}
	if err := b.forms.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	next, err := b.forms.Version("sample", version)
	if _, ok := next.Question("moi"); err != nil || !ok || next.From != 1 {
		t.Errorf("the changed version: %v, %v", next, err)
	}
	if now, err := b.forms.Current("sample"); err != nil || now.Version != 1 {
		t.Errorf("in force is %v, %v", now, err)
	}
}
