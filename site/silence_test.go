package site_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/apps/services/silence"
	"datmui/blocks/directory"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// look has the watchdog look and says what it found.
func (p *province) look(t *testing.T) map[silence.Rule]silence.Result {
	t.Helper()
	must(t, p.Silence.Look(p.ctx))
	s, err := p.Silence.State(p.ctx)
	must(t, err)
	return s.Runs[0].Rules
}

// owner does by hand what no act does.
func (p *province) owner(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := p.db.Owner.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// Somebody breaks the rule by hand, each time in another way: the watchdog sees just that, tells the
// supervisors of the body, mends nothing, and is quiet again when it is mended.
// law: public-services.md 17 — never routed: alarm; show holder and next step.
func TestSilenceIsCaught(t *testing.T) {
	t.Parallel()
	p := open(t)
	filed, held, asked := p.submit(t, "congdan").ID, p.accepted(t), p.accepted(t)
	must(t, p.Services.Ask(p.as(t, "chutich.datmui"), services.AskIn{Dossier: asked, Client: client(), Basis: "Luật Hộ tịch", Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}}}))
	refused := p.submit(t, "congdan").ID
	must(t, p.Services.Refuse(p.as(t, "canbo.datmui"), services.RefuseIn{Dossier: refused, Client: client(), Reason: "Không thuộc thẩm quyền", Basis: "Luật Hộ tịch"}))
	owing, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies()})
	must(t, err)
	must(t, p.Services.AskFee(p.as(t, "canbo.datmui"), services.AskFeeIn{Dossier: owing.ID, Client: client()}))

	anybody, leader := p.browser(t, ""), p.browser(t, "chutich.datmui")
	for rule, r := range p.look(t) {
		if r.Found != 0 {
			t.Errorf("before anything is broken, %s: %d", rule, r.Found)
		}
	}
	anybody.get(silence.PathPage)
	anybody.must("Không hồ sơ nào bị bỏ quên")
	anybody.must("Đã kiểm tra 4, không có trường hợp nào sai")
	leader.get(silence.PathPage)
	leader.must("Không có trường hợp nào ở các cơ quan bạn theo dõi.")
	var s silence.State

	const item = ` WHERE subject = $1 AND kind = 'services.dossier' AND done_at IS NULL`
	p.owner(t, `ALTER TABLE worklist.item ALTER COLUMN due_at DROP NOT NULL`)
	for name, tt := range map[string]struct {
		rule silence.Rule
		id   uuid.UUID
		sql  string
		mend string
	}{
		"on no desk":                  {silence.RuleDesk, held, `UPDATE worklist.item SET done_at = now()` + ` WHERE subject = $1`, `UPDATE worklist.item SET done_at = NULL WHERE subject = $1 AND step = 'handle'`},
		"on the desk of another step": {silence.RuleDesk, held, `UPDATE worklist.item SET step = 'sign'` + item, `UPDATE worklist.item SET step = 'handle'` + item},
		"on the desk of another body": {silence.RuleDesk, filed, `UPDATE worklist.item SET agency = 'tt-pvhcc-tinh'` + item, `UPDATE worklist.item SET agency = 'tt-pvhcc-xa-dat-mui-2025'` + item},
		"the desk has no due time":    {silence.RuleDue, held, `UPDATE worklist.item SET due_at = NULL` + item, `UPDATE worklist.item SET due_at = started_at` + item},
		"no answer is promised":       {silence.RuleDue, filed, `UPDATE services.dossier SET answer_due = NULL WHERE id = $1`, `UPDATE services.dossier SET answer_due = filed_at WHERE id = $1`},
		"a clock stands still":        {silence.RuleClock, held, `UPDATE services.dossier SET paused_at = accepted_at WHERE id = $1`, `UPDATE services.dossier SET paused_at = NULL WHERE id = $1`},
		"in a step nobody knows":      {silence.RulePlace, held, `UPDATE services.dossier SET step = 'limbo' WHERE id = $1`, `UPDATE services.dossier SET step = 'handle' WHERE id = $1`},
		"nothing is asked for":        {silence.RuleMend, asked, `UPDATE services.request SET answered_at = now() WHERE dossier_id = $1`, `UPDATE services.request SET answered_at = NULL WHERE dossier_id = $1`},
		"not said how to mend it":     {silence.RuleMend, asked, `UPDATE services.request SET items = jsonb_set(items, '{0,how}', '" "') WHERE dossier_id = $1`, `UPDATE services.request SET items = jsonb_set(items, '{0,how}', '"Nộp"') WHERE dossier_id = $1`},
		"nothing to pay":              {silence.RuleMend, owing.ID, `UPDATE pay.bill SET state = 'void', settled_at = now() WHERE subject_id = $1`, `UPDATE pay.bill SET state = 'pending', settled_at = NULL WHERE subject_id = $1`},
		"the last day has passed":     {silence.RulePassed, asked, `UPDATE services.request SET supply_by = asked_at - interval '2 hours' WHERE dossier_id = $1`, `UPDATE services.request SET supply_by = asked_at + interval '30 days' WHERE dossier_id = $1`},
		"not said until when to pay":  {silence.RuleMend, owing.ID, `UPDATE services.payment_term SET ended_at = now() WHERE dossier_id = $1`, `UPDATE services.payment_term SET ended_at = NULL WHERE dossier_id = $1`},
		"nobody minds the last day":   {silence.RulePassed, owing.ID, `UPDATE services.payment_term SET pay_by = asked_at - interval '2 hours' WHERE dossier_id = $1`, `UPDATE services.payment_term SET pay_by = asked_at + interval '14 days' WHERE dossier_id = $1`},
		"ended and still on a desk":   {silence.RuleEnded, refused, `UPDATE worklist.item SET done_at = NULL WHERE subject = $1`, `UPDATE worklist.item SET done_at = now() WHERE subject = $1`},
		"where nobody has the right":  {silence.RuleStaffed, filed, `UPDATE worklist.item SET right_key = 'services.nothing'` + item, `UPDATE worklist.item SET right_key = 'services.receive'` + item},
		"with somebody who never was": {silence.RuleStaffed, held, `UPDATE worklist.item SET person = '` + uuid.NewString() + `'` + item, `UPDATE worklist.item SET person = (SELECT holder FROM services.dossier WHERE id = $1)` + item},
		"refused without saying why":  {silence.RuleEnded, refused, `UPDATE services.dossier SET basis = '' WHERE id = $1`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.mend == "" { // the slip is append-only: only with its guard off is there a line without words
				p.owner(t, `ALTER TABLE services.move DISABLE TRIGGER append_only`)
				defer p.owner(t, `ALTER TABLE services.move ENABLE TRIGGER append_only`)
				p.owner(t, `UPDATE services.move SET note = '', basis = '' WHERE dossier_id = $1`, tt.id)
				defer func() {
					p.owner(t, `ALTER TABLE services.move DISABLE TRIGGER append_only`)
					p.owner(t, `UPDATE services.move SET note = 'vì', basis = 'vì' WHERE dossier_id = $1`, tt.id)
				}()
			}
			p.owner(t, tt.sql, tt.id)
			for rule, r := range p.look(t) {
				if want := map[bool]int{true: 1}[rule == tt.rule]; r.Found != want && !(tt.rule == silence.RulePlace && rule == silence.RuleDesk) {
					t.Errorf("%s: %d found, want %d", rule, r.Found, want)
				}
			}
			anybody.get(silence.PathPage)
			if !strings.Contains(anybody.body, "trường hợp chưa đúng nguyên tắc") || strings.Contains(anybody.body, p.state(t, tt.id).Code) {
				t.Errorf("anybody reads: %s", anybody.says())
			}
			leader.get(silence.PathPage)
			if tt.id != filed { // that one is at the counter's supervisors
				leader.must(p.state(t, tt.id).Code)
				leader.must("/desk/dossiers/" + tt.id.String())
			}
			p.look(t) // a second look finds the same once
			if n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM worklist.item WHERE kind = $1 AND done_at IS NULL AND right_key = 'services.supervise'`, silence.Kind)); err != nil || n != 1 {
				t.Errorf("it lies on %d desks of supervisors: %v", n, err)
			}
			if tt.mend != "" {
				p.owner(t, tt.mend, tt.id)
			}
		})
	}
	for rule, r := range p.look(t) {
		if r.Found != 0 {
			t.Errorf("after all is mended, %s: %d", rule, r.Found)
		}
	}
	page, err := p.Worklist.Desk(p.as(t, "giamdoc.datmui"), worklist.Filter{Kinds: []string{silence.Kind}}, "")
	must(t, err)
	if len(page.Rows) != 0 {
		t.Errorf("the supervisor still has %d warnings", len(page.Rows))
	}

	// A watchdog that has not looked for long proves nothing.
	p.clock.Set(p.clock.Now().Add(2 * time.Hour))
	s, err = p.Silence.State(p.ctx)
	must(t, err)
	if s.Green() {
		t.Error("an old look still counts as green")
	}
}

// Who has left: from the time when the job that carries dossiers on should have done so, each of hers
// is a finding; when it has, it is none.
func TestSilenceOfWhoHasLeft(t *testing.T) {
	t.Parallel()
	p := open(t)
	held := p.accepted(t)
	must(t, p.Directory.Leave(p.as(t, "quantri.datmui"), directory.LeaveIn{Person: actor.From(p.as(t, "thuly.datmui")).ID, On: "2026-11-26", Reason: "nghỉ hưu"}))
	p.clock.Set(time.Date(2026, 11, 25, 17, 20, 0, 0, time.UTC))
	if r := p.look(t)[silence.RuleStaffed]; r.Found != 0 {
		t.Errorf("twenty minutes after midnight: %+v", r)
	}
	p.clock.Set(time.Date(2026, 11, 25, 17, 40, 0, 0, time.UTC))
	if r := p.look(t)[silence.RuleStaffed]; r.Found != 1 || !r.Since.Equal(p.clock.Now()) {
		t.Errorf("forty minutes after midnight: %+v", r)
	}
	if d := p.state(t, held); d.Holder == nil {
		t.Error("the watchdog mended it")
	}
	must(t, p.Services.Carry(p.ctx))
	if r := p.look(t)[silence.RuleStaffed]; r.Found != 0 {
		t.Errorf("after carrying on: %+v", r)
	}
}

// A job that was given up is a finding until somebody has done its work.
func TestSilenceOfADeadJob(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.submit(t, "congdan")
	p.owner(t, `INSERT INTO river_job (kind, args, state, queue, max_attempts, attempt, finalized_at, priority) VALUES ('notify.trial', '{"n": 1}', 'discarded', 'default', 25, 25, now(), 1)`)
	if r := p.look(t)[silence.RuleJobs]; r.Found != 1 {
		t.Errorf("%+v", r)
	}
	page, err := p.Worklist.Desk(p.as(t, "canbo.tinh"), worklist.Filter{}, "")
	must(t, err)
	for _, row := range page.Rows {
		if row.Kind == silence.Kind {
			t.Error("who does not supervise is told")
		}
	}
	n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM worklist.item WHERE kind = $1 AND agency = 'tt-pvhcc-tinh' AND done_at IS NULL`, silence.Kind))
	if err != nil || n != 1 {
		t.Errorf("the supervisors of the province's centre have %d warnings: %v", n, err)
	}
	p.owner(t, `INSERT INTO river_job (kind, args, state, queue, max_attempts, attempt, finalized_at, priority) VALUES ('notify.trial', '{"n": 1}', 'completed', 'default', 25, 1, now(), 1)`)
	if r := p.look(t)[silence.RuleJobs]; r.Found != 0 {
		t.Errorf("after it was done: %+v", r)
	}
}
