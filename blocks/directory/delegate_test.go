package directory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// TestDelegate: who may lend what to whom.
// law: documents.md 2.3 — in writing, limited in time and content, no sub-delegation.
func TestDelegate(t *testing.T) {
	w := setup(t)
	chair := w.official("Chủ tịch", "ubnd-xa", directory.Leader)
	deputy := w.official("Phó", "ubnd-xa", directory.Deputy)
	head := w.official("Trưởng văn phòng", "vp-xa", directory.Leader)
	officer := w.official("Công chức", "vp-xa", directory.CaseOfficer)
	local := w.official("Quản trị xã", "ubnd-xa", directory.AgencyAdmin)
	citizen := w.person("Người dân")
	good := directory.DelegateIn{Post: w.postOf(chair).ID, From: "2026-11-20", Until: "2026-11-30", Document: "GUQ 5/2026"}
	for name, tt := range map[string]struct {
		by, taker uuid.UUID
		form      string
		rights    []string
		change    func(*directory.DelegateIn)
		want      error
	}{
		"TUQ for signing":               {by: chair, taker: officer, form: directory.TUQ, rights: []string{"services.decide"}},
		"TUQ without scope":             {by: chair, taker: officer, form: directory.TUQ, want: fault.Fields{"rights": "required"}},
		"a right the post has not":      {by: chair, taker: officer, form: directory.TUQ, rights: []string{"services.cash"}, want: fault.Fields{"rights": "directory.not-of-post"}},
		"to a citizen":                  {by: chair, taker: citizen, form: directory.Substitution, want: fault.Fields{"taker": "directory.taker-unfit"}},
		"to oneself":                    {by: chair, taker: chair, form: directory.Substitution, want: fault.Fields{"taker": "directory.self"}},
		"KT by the deputy":              {by: chair, taker: deputy, form: directory.KT},
		"KT by somebody else":           {by: chair, taker: officer, form: directory.KT, want: fault.Fields{"taker": "directory.taker-unfit"}},
		"TL by the head under it":       {by: chair, taker: head, form: directory.TL},
		"TL by an officer":              {by: chair, taker: officer, form: directory.TL, want: fault.Fields{"taker": "directory.taker-unfit"}},
		"arranged by the administrator": {by: local, taker: deputy, form: directory.Substitution},
		"to the administrator himself":  {by: local, taker: local, form: directory.Substitution, want: fault.Forbidden("directory.self")},
		"of another's post":             {by: officer, taker: deputy, form: directory.Substitution, want: fault.Forbidden("directory.manage")},
		"without document":              {by: chair, taker: deputy, form: directory.KT, change: func(in *directory.DelegateIn) { in.Document = " " }, want: fault.Fields{"document": "required"}},
		"for ever":                      {by: chair, taker: deputy, form: directory.KT, change: func(in *directory.DelegateIn) { in.Until = "2028-01-01" }, want: fault.Fields{"until": "directory.too-long-lent"}},
		"backwards":                     {by: chair, taker: deputy, form: directory.KT, change: func(in *directory.DelegateIn) { in.Until = "2026-11-01" }, want: fault.Fields{"until": "before-start"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := good
			in.Form, in.Taker, in.Rights = tt.form, tt.taker, tt.rights
			if tt.change != nil {
				tt.change(&in)
			}
			_, err := w.Delegate(w.as(tt.by), in)
			testkit.WantError(t, err, tt.want)
		})
	}
}

// TestLent: what is lent works within its days only, a substitute never signs, and what is lent
// cannot be lent on.
func TestLent(t *testing.T) {
	w := setup(t)
	chair := w.official("Chủ tịch", "ubnd-xa", directory.Leader)
	officer := w.official("Công chức", "vp-xa", directory.CaseOfficer)
	other := w.official("Người khác", "vp-xa", directory.Staff)
	post := w.postOf(chair).ID
	sub, err := w.Delegate(w.as(chair), directory.DelegateIn{Form: directory.Substitution, Post: post, Taker: officer, From: "2026-11-20", Until: "2026-11-25", Document: "1"})
	testkit.WantError(t, err, nil)
	a := w.actor(officer)
	if a.May("services.decide", "ubnd-xa") || !a.May("services.supervise", "ubnd-xa") || a.Office != "vp-xa" || len(a.Offices) != 2 {
		t.Errorf("a substitute works the desk and does not sign: %+v", a)
	}
	_, err = w.Authority(t.Context(), w.db.Reader, officer, "services.decide", "ubnd-xa", w.clock.Now())
	testkit.WantError(t, err, fault.Forbidden("services.decide"))

	_, err = w.Delegate(w.as(chair), directory.DelegateIn{Form: directory.TUQ, Post: post, Taker: officer, Rights: []string{"services.decide"},
		From: "2026-11-23", Until: "2026-11-24", Document: "GUQ 9"})
	testkit.WantError(t, err, nil)
	_, err = w.Delegate(w.as(officer), directory.DelegateIn{Form: directory.TUQ, Post: post, Taker: other, Rights: []string{"services.decide"},
		From: "2026-11-23", Until: "2026-11-24", Document: "lent on"})
	testkit.WantError(t, err, fault.Forbidden("directory.manage"))
	for at, want := range map[string]string{"2026-11-22T23:59": "no", "2026-11-23T00:00": "TUQ", "2026-11-24T23:59": "TUQ", "2026-11-25T00:00": "no"} {
		moment, _ := time.ParseInLocation("2006-01-02T15:04", at, clock.Vietnam)
		form := "no"
		got, err := w.Authority(t.Context(), w.db.Reader, officer, "services.decide", "tt-xa", moment)
		if err == nil {
			form = got.Form
		}
		if act, err := w.Actor(t.Context(), w.db.Reader, officer, uuid.Nil, moment); err != nil || act.May("services.decide", "tt-xa") != (form == "TUQ") {
			t.Errorf("%s: the actor says otherwise: %+v, %v", at, act, err)
		}
		if form != want {
			t.Errorf("%s: %s, want %s", at, form, want)
		}
	}
	if own, err := w.Authority(t.Context(), w.db.Reader, chair, "services.decide", "tt-xa", w.clock.Now()); err != nil || own.Form != "" || own.Post != post {
		t.Errorf("own right: %+v, %v", own, err)
	}
	testkit.WantError(t, w.EndDelegation(w.as(chair), sub), nil)
	testkit.WantError(t, w.EndDelegation(w.as(chair), sub), fault.Conflict("directory.delegation-ended"))
	if a := w.actor(officer); a.May("services.supervise", "ubnd-xa") {
		t.Error("taken back")
	}
	// What was lent ends with the post it came from.
	testkit.WantError(t, w.Leave(w.as(w.admin), directory.LeaveIn{Person: chair, On: "2026-11-23", Reason: "x"}), nil)
	if a := w.actor(officer); a.May("services.decide", "ubnd-xa") || len(a.Offices) != 1 {
		t.Errorf("after the giver left: %+v", a)
	}
}

// TestLoansOverlap: two delegations of one post overlap; each holds on its own days, and taking one
// back leaves the other. A substitution is no loan of a signature.
// law: documents.md 2.3 — giver, taker, form, scope, from–to, legal document.
func TestLoansOverlap(t *testing.T) {
	w := setup(t)
	chair := w.official("Chủ tịch", "ubnd-xa", directory.Leader)
	deputy := w.official("Phó", "ubnd-xa", directory.Deputy)
	head := w.official("Trưởng văn phòng", "vp-xa", directory.Leader)
	post := w.postOf(chair).ID
	lend := func(form string, taker uuid.UUID, from, until string, rights ...string) uuid.UUID {
		t.Helper()
		return must(w.Delegate(w.as(chair), directory.DelegateIn{Form: form, Post: post, Taker: taker, From: from, Until: until, Document: form + " 1", Rights: rights}))
	}
	lend(directory.Substitution, head, "2026-11-20", "2026-12-20")
	tuq := lend(directory.TUQ, head, "2026-11-23", "2026-11-27", "services.decide")
	lend(directory.TL, head, "2026-11-26", "2026-11-30")
	lend(directory.Q, deputy, "2026-11-27", "2026-11-28")
	lend(directory.TUQ, deputy, "2026-11-23", "2026-11-30", "services.supervise") // another right
	forms := func(at string) (out []string) {
		t.Helper()
		for _, l := range must(w.Loans(t.Context(), w.db.Reader, "ubnd-xa", "services.decide", testkit.Clock(t, at).Now())) {
			out = append(out, l.Form+" "+l.Name+" for "+l.GiverPosition)
		}
		return out
	}
	const byTUQ, byTL, byQ = "TUQ Trưởng văn phòng for leader", "TL Trưởng văn phòng for leader", "Q Phó for leader"
	for at, want := range map[string][]string{
		"2026-11-22T23:59": nil,
		"2026-11-23T00:00": {byTUQ},
		"2026-11-26T00:00": {byTL, byTUQ},
		"2026-11-27T23:59": {byQ, byTL, byTUQ},
		"2026-11-28T00:00": {byQ, byTL},
		"2026-11-30T23:59": {byTL},
		"2026-12-01T00:00": nil,
	} {
		if diff := cmp.Diff(want, forms(at)); diff != "" {
			t.Errorf("%s: %s", at, diff)
		}
	}
	testkit.WantError(t, w.EndDelegation(w.as(chair), tuq), nil)
	if diff := cmp.Diff([]string{byTL}, forms("2026-11-26T09:00")); diff != "" {
		t.Errorf("after one was taken back: %s", diff)
	}
	if got, err := w.Authority(t.Context(), w.db.Reader, head, "services.decide", "ubnd-xa", testkit.Clock(t, "2026-11-26T09:00").Now()); err != nil || got.Form != directory.TL {
		t.Errorf("signs by %+v, %v", got, err)
	}
}
