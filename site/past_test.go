package site_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// twice does everything with two dossiers at the same moments: one by the acts, one as a history
// for the bulk loader. In the end their rows must be the same.
type twice struct {
	t     *testing.T
	p     *province
	acted uuid.UUID
	code  string
	past  *services.Past
	swap  []string // what had to be different in the history, and what it is in the acts
}

// does is one act by one person, done and told; time goes on after it.
func (w *twice) does(account string, act func(ctx context.Context) error, told func(who actor.Actor, at time.Time) error) {
	w.t.Helper()
	ctx := w.p.as(w.t, account)
	must(w.t, act(ctx))
	must(w.t, told(actor.From(ctx), w.p.clock.Now()))
	w.p.clock.Advance(47 * time.Minute)
}

// begin files by the act, and begins the history of a second dossier with the same answers.
func (w *twice) begin(account, procedure, way string, answers forms.Answers, counter bool, papers ...services.PaperIn) {
	w.t.Helper()
	in := services.SubmitIn{Client: client(), Procedure: procedure, Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: way, Answers: answers, Papers: papers}
	citizen := actor.From(w.p.as(w.t, "congdan"))
	filing, channel := w.p.Services.Submit, services.Online
	if counter {
		in.Applicant, filing, channel = citizen.ID, w.p.Services.Intake, services.Counter
	}
	person, err := directory.ReadPerson(w.t.Context(), w.p.db.Reader, citizen.ID)
	must(w.t, err)
	in.Phone = person.Phone
	w.does(account, func(ctx context.Context) error {
		out, err := filing(ctx, in)
		w.acted, w.code = out.ID, out.Code
		return err
	}, func(who actor.Actor, at time.Time) error {
		d := w.p.state(w.t, w.acted)
		defs, err := services.Shipped()
		must(w.t, err)
		bodies := map[string]directory.Agency{}
		for _, a := range w.p.world.Agencies {
			if a.ValidTo == nil {
				bodies[a.ID] = a
			}
		}
		w.past = w.p.Services.Begin(services.PastIn{ID: uuid.Must(uuid.NewV7()), Code: w.code[:len(w.code)-4] + "9" + w.code[len(w.code)-3:],
			Def: defs[slices.IndexFunc(defs, func(d services.Definition) bool { return d.Code == procedure })], Bodies: bodies,
			Receiving: d.ReceivingAgency, Competent: d.CompetentAgency, Channel: channel, Applicant: person, Answers: d.Answers, ReturnWay: way, Papers: papers})
		if counter {
			return w.past.Intake(w.t.Context(), who, at)
		}
		return w.past.Submit(w.t.Context(), who, at)
	})
}

func (w *twice) accept() {
	w.does("canbo.datmui", func(ctx context.Context) error {
		return w.p.Services.Accept(ctx, services.AcceptIn{Dossier: w.acted, Client: client()})
	}, func(who actor.Actor, at time.Time) error { return w.past.Accept(w.t.Context(), who, at) })
}

func (w *twice) take() {
	w.does("thuly.datmui", func(ctx context.Context) error {
		return w.p.Services.Take(ctx, services.TakeIn{Dossier: w.acted, Client: client()})
	}, w.past.Take)
}

func (w *twice) forward(from, to string) {
	next := actor.From(w.p.as(w.t, to))
	w.does(from, func(ctx context.Context) error {
		return w.p.Services.Forward(ctx, services.ForwardIn{Dossier: w.acted, Client: client(), To: next.ID, Note: "Phân công lại"})
	}, func(who actor.Actor, at time.Time) error { return w.past.Forward(who, at, next, "Phân công lại") })
}

func (w *twice) ask(account string) {
	items := func() []services.Item {
		return []services.Item{{Key: "a", What: "Giấy A", How: "Nộp bản chính"}, {Key: "b", What: "Giấy B", How: "Nộp bản sao"}}
	}
	w.does(account, func(ctx context.Context) error {
		return w.p.Services.Ask(ctx, services.AskIn{Dossier: w.acted, Client: client(), Items: items(), Basis: "Luật Hộ tịch"})
	}, func(who actor.Actor, at time.Time) error {
		return w.past.Ask(w.t.Context(), who, at, items(), "Luật Hộ tịch")
	})
	if w.past.State == services.Processing {
		w.does("chutich.datmui", func(ctx context.Context) error {
			return w.p.Services.ApproveAsk(ctx, services.ApproveAskIn{Dossier: w.acted, Client: client()})
		}, func(who actor.Actor, at time.Time) error { return w.past.ApproveAsk(w.t.Context(), who, at) })
	}
	w.does("congdan", func(ctx context.Context) error {
		return w.p.Services.Supplement(ctx, services.SupplementIn{Dossier: w.acted, Client: client(), Answers: map[string]string{"a": "đây", "b": "đây"}})
	}, func(who actor.Actor, at time.Time) error { return w.past.Supplement(w.t.Context(), who, at) })
}

func (w *twice) propose(account, outcome string) {
	w.does(account, func(ctx context.Context) error {
		return w.p.Services.Propose(ctx, services.ProposeIn{Dossier: w.acted, Client: client(), Outcome: outcome, Reason: "Hồ sơ đủ điều kiện", Basis: "Luật Hộ tịch"})
	}, func(who actor.Actor, at time.Time) error {
		return w.past.Propose(who, at, outcome, "Hồ sơ đủ điều kiện", "Luật Hộ tịch")
	})
}

// decide goes from the leader's desk to the clerk's number.
func (w *twice) decide() {
	w.does("chutich.datmui", func(ctx context.Context) error {
		return w.p.Services.Sign(ctx, services.SignIn{Dossier: w.acted, Client: client(), PIN: pin})
	}, w.past.Sign)
	w.does("vanthu.datmui", func(ctx context.Context) error {
		return w.p.Services.Number(ctx, services.NumberIn{Dossier: w.acted, Client: client()})
	}, func(who actor.Actor, at time.Time) error {
		n, _, _ := strings.Cut(*w.p.state(w.t, w.acted).Number, "/")
		number, err := strconv.Atoi(n)
		must(w.t, err)
		return w.past.Number(who, at, number)
	})
}

func (w *twice) setFee(account string) {
	w.does(account, func(ctx context.Context) error {
		return w.p.Services.SetFee(ctx, services.SetFeeIn{Dossier: w.acted, Client: client(), Amount: 15_000, Basis: "Nghị quyết"})
	}, func(who actor.Actor, at time.Time) error { return w.past.SetFee(who, at, 15_000, "Nghị quyết") })
}

func (w *twice) askFee(account string) {
	w.does(account, func(ctx context.Context) error {
		return w.p.Services.AskFee(ctx, services.AskFeeIn{Dossier: w.acted, Client: client()})
	}, w.past.AskFee)
}

func (w *twice) pay(way pay.Way) {
	reference := func(code string) string { return string(way) + " " + code }
	w.does("thuquy.datmui", func(ctx context.Context) error {
		return w.p.Services.Cash(ctx, services.CashIn{Dossier: w.acted, Client: reference(w.code), Method: string(way), Reference: reference(w.code)})
	}, func(who actor.Actor, at time.Time) error {
		n, err := pg.Value[int](w.p.db.Owner.Query(w.t.Context(), `SELECT r.number FROM pay.receipt r JOIN pay.bill b ON b.id = r.bill_id WHERE b.subject_id = $1`, w.acted))
		must(w.t, err)
		w.swap = append(w.swap, fmt.Sprintf("%07d", n+9000), fmt.Sprintf("%07d", n), fmt.Sprintf(`"number": %d,`, n+9000), fmt.Sprintf(`"number": %d,`, n))
		return w.past.Pay(w.t.Context(), who, at, way, reference(w.past.Code), n+9000)
	})
}

// compare loads the history and holds its rows against those of the acts. The loader leaves out, on
// purpose, the lines of desks that are done, and all that comes of files: their sums in the audit,
// the texts of a supplement, that a paper has been made.
func (w *twice) compare(name string) {
	w.t.Helper()
	must(w.t, w.p.Book.Batch(w.p.ctx, "test.load", name, func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return w.p.Services.Load(ctx, tx, []*services.Past{w.past})
	}))
	for what, sql := range map[string]string{
		"dossier": `SELECT (to_jsonb(d) - ARRAY['files', 'search']) || jsonb_build_object(
			'search', (SELECT array_agg(x ORDER BY x) FROM unnest(tsvector_to_array(d.search)) x WHERE right(x, 4) <> right(d.code, 4)),
			'answers', answers - ARRAY['supplement_a', 'supplement_b']) FROM services.dossier d WHERE id = $1`,
		"slip":    `SELECT to_jsonb(m) FROM services.move m WHERE dossier_id = $1 ORDER BY n`,
		"papers":  `SELECT to_jsonb(p) FROM services.paper p WHERE dossier_id = $1 ORDER BY place, n`,
		"asked":   `SELECT to_jsonb(q) - 'id' FROM services.request q WHERE dossier_id = $1 ORDER BY asked_at`,
		"terms":   `SELECT to_jsonb(t) FROM services.payment_term t WHERE dossier_id = $1 ORDER BY n`,
		"desk":    `SELECT to_jsonb(i) - 'id' FROM worklist.item i WHERE subject = $1 AND done_at IS NULL ORDER BY i::text`,
		"bill":    `SELECT to_jsonb(b) - 'id' FROM pay.bill b WHERE subject_id = $1`,
		"payment": `SELECT to_jsonb(m) - 'id' - 'bill_id' FROM pay.payment m JOIN pay.bill b ON b.id = m.bill_id WHERE b.subject_id = $1`,
		"receipt": `SELECT to_jsonb(r) - 'id' - 'bill_id' - 'payment_id' FROM pay.receipt r JOIN pay.bill b ON b.id = r.bill_id WHERE b.subject_id = $1`,
		"papers out": `SELECT (to_jsonb(o) - ARRAY['id', 'data', 'number', 'file_id', 'verify', 'state']) || jsonb_build_object('data', o.data - 'request') FROM services.outgoing o
			WHERE dossier_id = $1 AND kind <> 'result' ORDER BY at, kind`,
		"audit": `SELECT jsonb_build_object('name', e.name, 'at', e.at, 'kind', e.kind, 'actor', e.actor_id, 'actor_kind', e.actor_kind, 'subject', e.subject_kind,
			'persons', (SELECT array_agg(DISTINCT x ORDER BY x) FROM unnest(e.persons) x), 'visible_from', e.visible_from, 'detail', (e.body::jsonb->'detail') - 'signed_sha256', 'personal', e.personal::jsonb)
			FROM audit.entry e JOIN services.dossier d ON d.code = e.subject_id WHERE d.id = $1 AND e.kind = 'act' AND e.actor_kind <> 'system' ORDER BY e.at, e.name`,
	} {
		rows := func(id uuid.UUID, code string) []string {
			out, err := pg.Values[string](w.p.db.Owner.Query(w.t.Context(), `SELECT x::text FROM (`+sql+`) q (x)`, id))
			must(w.t, err)
			for i := range out {
				out[i] = strings.NewReplacer(append(w.swap, id.String(), "ID", code, "CODE", strings.ToLower(code), "CODE", strings.NewReplacer("-", "", ".", "").Replace(code), "CODE")...).Replace(out[i])
			}
			return out
		}
		if diff := cmp.Diff(rows(w.acted, w.code), rows(w.past.ID, w.past.Code)); diff != "" {
			w.t.Errorf("%s, %s: acts (-) and loader (+) differ:\n%s", name, what, diff)
		}
	}
}

// TestLoadedLikeActed holds the bulk loader to the acts: the same histories through both leave the
// same dossiers, slips, desks, money and audit.
func TestLoadedLikeActed(t *testing.T) {
	t.Parallel()
	p := open(t)
	copies := forms.Answers{"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "requester_birth_date": "1996-03-14", "requester_sex": "female",
		"requester_phone": "0912345678", "requester_in_province": "yes", "requester_unit": "32248", "requester_residence": "Ấp Mũi", "relationship": "self",
		"document_kind": "Bằng tốt nghiệp", "language": "Tiếng Việt", "pages": "10", "copies": "2", "return_way": "counter", "pledge": "yes"}
	reason, basis := "Đang có tranh chấp", "Luật Đất đai"
	for i, tell := range []func(w *twice){
		func(w *twice) { // the long way, with everything that may happen on it
			w.begin("congdan", "1.004873", "online", marital(), false)
			w.ask("canbo.datmui")
			w.accept()
			w.take()
			w.ask("thuly.datmui")
			w.propose("thuly.datmui", "granted")
			w.does("chutich.datmui", func(ctx context.Context) error {
				return p.Services.SendBack(ctx, services.SendBackIn{Dossier: w.acted, Client: client(), Reason: reason})
			}, func(who actor.Actor, at time.Time) error { return w.past.SendBack(who, at, reason) })
			w.propose("thuly.datmui", "granted")
			w.decide()
			w.setFee("thuquy.datmui")
			w.askFee("canbo.datmui")
			w.pay(pay.Transfer)
			w.does("congdan", func(ctx context.Context) error {
				return p.Services.Collect(ctx, services.CollectIn{Dossier: w.acted, Client: client()})
			}, w.past.Collect)
		},
		func(w *twice) { // refused at the counter
			w.begin("congdan", "1.004873", "online", marital(), false)
			w.does("canbo.datmui", func(ctx context.Context) error {
				return p.Services.Refuse(ctx, services.RefuseIn{Dossier: w.acted, Client: client(), Reason: reason, Basis: basis})
			}, func(who actor.Actor, at time.Time) error { return w.past.Refuse(who, at, reason, basis) })
		},
		func(w *twice) { // the fee first
			w.begin("congdan", "2.000815", "counter", copies, false)
			w.askFee("canbo.datmui")
			w.pay(pay.Transfer)
			w.accept()
			w.take()
		},
		func(w *twice) { // at the counter, paid in cash, a refusal as the result, handed over at the desk
			w.begin("canbo.datmui", "2.000815", "counter", copies, true, services.PaperIn{Place: "original", Originals: 1})
			w.pay(pay.Cash)
			w.accept()
			w.take()
			w.forward("thuly.datmui", "kinhte.datmui")
			w.propose("kinhte.datmui", "refused")
			w.decide()
			w.does("canbo.datmui", func(ctx context.Context) error {
				return p.Services.Return(ctx, services.ReturnIn{Dossier: w.acted, Client: client(), Receiver: "Mai", Identity: "thẻ căn cước"})
			}, func(who actor.Actor, at time.Time) error { return w.past.Return(who, at, "Mai — thẻ căn cước") })
		},
		func(w *twice) { // accepted at once, extended, stopped, gone on with, withdrawn
			w.begin("canbo.datmui", "1.004873", "counter", marital(), true)
			w.take()
			w.does("chutich.datmui", func(ctx context.Context) error {
				return p.Services.Extend(ctx, services.ExtendIn{Dossier: w.acted, Client: client(), Days: 2, Reason: reason})
			}, func(who actor.Actor, at time.Time) error { return w.past.Extend(t.Context(), who, at, 2, reason) })
			w.does("chutich.datmui", func(ctx context.Context) error {
				return p.Services.Stop(ctx, services.StopIn{Dossier: w.acted, Client: client(), Reason: reason, Basis: basis})
			}, func(who actor.Actor, at time.Time) error { return w.past.Stop(who, at, reason, basis) })
			w.does("chutich.datmui", func(ctx context.Context) error {
				return p.Services.Resume(ctx, services.StopIn{Dossier: w.acted, Client: client(), Reason: reason, Basis: basis})
			}, func(who actor.Actor, at time.Time) error { return w.past.Resume(t.Context(), who, at, reason, basis) })
			w.does("congdan", func(ctx context.Context) error {
				return p.Services.Withdraw(ctx, services.WithdrawIn{Dossier: w.acted, Client: client(), Reason: reason})
			}, func(who actor.Actor, at time.Time) error { return w.past.Withdraw(who, at, reason) })
		},
	} {
		p.clock.Set(at.AddDate(0, 0, 7*i))
		w := &twice{t: t, p: p}
		tell(w)
		w.compare(fmt.Sprintf("history %d", i+1))
	}
}
