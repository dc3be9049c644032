package site_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"datmui/apps/services"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// step is one act that somebody tries on a dossier.
type step struct {
	name   string
	lawful func(r record, role string) bool // by the table of 6.2, written down here a second time
	run    func(ctx context.Context, r record, client string) error
}

// record is a dossier as it is before an act, with what the law asks about it.
type record struct {
	services.Record
	p   *province
	now time.Time
	ids map[string]uuid.UUID // persons of the roles
}

func (r record) prepaid() bool { return r.Def.FeeMode == "prepaid" }
func (r record) unpaid() bool  { return r.FeeState == "due" || r.FeeState == "unknown" }
func (r record) holder(role string) bool {
	return (role == "hold" || role == "coll") && r.Holder != nil && *r.Holder == r.ids[role]
}

func decides(role string) bool { return role == "lead" || role == "depu" }

// steps are the acts of the one-stop shop with their guards.
// law: public-services.md 6.2 — legal transitions, who and guard.
func (p *province) steps() []step {
	s := p.Services
	const reason, basis = "Có lý do", "Luật Hộ tịch"
	var proofs proofs
	return []step{
		{"accept", func(r record, role string) bool {
			return role == "recv" && (r.State == 1 || r.State == 5 && r.AcceptedAt == nil) && !(r.prepaid() && r.FeeState == "due")
		}, func(ctx context.Context, r record, c string) error {
			return s.Accept(ctx, services.AcceptIn{Dossier: r.ID, Client: c})
		}},
		{"refuse", func(r record, role string) bool { return role == "recv" && r.State == 1 },
			func(ctx context.Context, r record, c string) error {
				return s.Refuse(ctx, services.RefuseIn{Dossier: r.ID, Client: c, Reason: reason, Basis: basis})
			}},
		{"ask", func(r record, role string) bool {
			return r.StageRequests == 0 && (role == "recv" && r.State == 1 || r.State == 4 && r.Step == services.StepHandle && (r.holder(role) || decides(role)))
		}, func(ctx context.Context, r record, c string) error {
			return s.Ask(ctx, services.AskIn{Dossier: r.ID, Client: c, Basis: basis, Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}, {Key: "b", What: "Giấy B", How: "Nộp"}}})
		}},
		{"approve-ask", func(r record, role string) bool { return decides(role) && r.Step == services.StepApprove },
			func(ctx context.Context, r record, c string) error {
				return s.ApproveAsk(ctx, services.ApproveAskIn{Dossier: r.ID, Client: c})
			}},
		{"supplement", func(r record, role string) bool { return (role == "owner" || role == "recv") && r.State == 5 },
			func(ctx context.Context, r record, c string) error {
				return s.Supplement(ctx, services.SupplementIn{Dossier: r.ID, Client: c, Answers: map[string]string{"a": "đây", "b": "đây"}})
			}},
		{"ask-fee", func(r record, role string) bool {
			return r.FeeState == "due" && (role == "recv" && r.State == 1 && r.prepaid() || r.holder(role) && r.State == 4 && r.Step == services.StepHandle ||
				(role == "cash" || role == "recv") && r.State == 9)
		}, func(ctx context.Context, r record, c string) error {
			return s.AskFee(ctx, services.AskFeeIn{Dossier: r.ID, Client: c})
		}},
		{"cash", func(r record, role string) bool { return role == "cash" && r.FeeState == "due" && !r.State.Terminal() },
			func(ctx context.Context, r record, c string) error {
				return s.Cash(ctx, services.CashIn{Dossier: r.ID, Client: c, Method: "cash"})
			}},
		{"take", func(r record, role string) bool { return (role == "hold" || role == "coll") && r.State == 2 },
			func(ctx context.Context, r record, c string) error {
				return s.Take(ctx, services.TakeIn{Dossier: r.ID, Client: c})
			}},
		{"assign", func(r record, role string) bool { return decides(role) && r.State == 2 },
			func(ctx context.Context, r record, c string) error {
				return s.Assign(ctx, services.ForwardIn{Dossier: r.ID, Client: c, To: r.ids["coll"]})
			}},
		{"forward", func(r record, role string) bool {
			return r.State == 4 && r.Step == services.StepHandle && (r.holder(role) || decides(role))
		}, func(ctx context.Context, r record, c string) error {
			return s.Forward(ctx, services.ForwardIn{Dossier: r.ID, Client: c, To: r.ids["coll"]})
		}},
		{"propose", func(r record, role string) bool {
			return r.holder(role) && r.State == 4 && r.Step == services.StepHandle
		},
			func(ctx context.Context, r record, c string) error {
				return s.Propose(ctx, services.ProposeIn{Dossier: r.ID, Client: c, Outcome: "refused", Reason: reason, Basis: basis, Values: map[string]string{}})
			}},
		{"send-back", func(r record, role string) bool {
			return decides(role) && (r.Step == services.StepSign || r.Step == services.StepApprove)
		}, func(ctx context.Context, r record, c string) error {
			return s.SendBack(ctx, services.SendBackIn{Dossier: r.ID, Client: c, Reason: reason})
		}},
		{"sign", func(r record, role string) bool { return role == "lead" && r.Step == services.StepSign },
			func(ctx context.Context, r record, c string) error {
				return s.Sign(ctx, services.SignIn{Dossier: r.ID, Client: c, PIN: pin})
			}},
		{"number", func(r record, role string) bool { return role == "clerk" && r.Step == services.StepNumber },
			func(ctx context.Context, r record, c string) error {
				return s.Number(ctx, services.NumberIn{Dossier: r.ID, Client: c})
			}},
		{"return", func(r record, role string) bool {
			return role == "recv" && r.State == 9 && r.Step == services.StepReturn && !r.unpaid()
		},
			func(ctx context.Context, r record, c string) error {
				return s.Return(ctx, services.ReturnIn{Dossier: r.ID, Client: c, Receiver: "Mai", Identity: "căn cước"})
			}},
		{"collect", func(r record, role string) bool {
			return role == "owner" && (r.State == 9 && r.Step == services.StepReturn && !r.unpaid() || r.State == 10) // a second download changes nothing
		}, func(ctx context.Context, r record, c string) error {
			return s.Collect(ctx, services.CollectIn{Dossier: r.ID, Client: c})
		}},
		{"authority", func(record, string) bool { return false }, // of a dossier that she files for herself: see authority_test.go
			func(ctx context.Context, r record, c string) error {
				return s.SeeAuthority(ctx, services.SeeAuthorityIn{Dossier: r.ID, Client: c, AuthorityIn: services.AuthorityIn{Kind: services.ByFamily, Scope: "Nộp hồ sơ"}})
			}},
		{"originals", func(record, string) bool { return false }, // of a procedure that asks for none: see handover_test.go
			func(ctx context.Context, r record, c string) error {
				return s.CheckOriginals(ctx, services.OriginalsIn{Dossier: r.ID, Client: c, Seen: []services.OriginalSeen{{Place: "original", Agrees: true}}})
			}},
		{"post", func(r record, role string) bool {
			return role == "recv" && r.State == 9 && r.Step == services.StepReturn && !r.unpaid()
		}, func(ctx context.Context, r record, c string) error {
			return s.Send(ctx, services.PostIn{Dossier: r.ID, Client: c, Carrier: "Bưu điện", Number: "EB123456789VN", Receiver: "Mai", Address: "Ấp Mũi"})
		}},
		{"delivered", func(r record, role string) bool { return role == "recv" && r.Step == services.StepPost },
			func(ctx context.Context, r record, c string) error {
				proof, err := proofs.of(ctx, r, c)
				if err != nil {
					return err
				}
				return s.Deliver(ctx, services.DeliveredIn{Dossier: r.ID, Client: c, Receiver: "Mai", On: dayOf(r.now), Proof: proof})
			}},
		{"came-back", func(r record, role string) bool { return role == "recv" && r.Step == services.StepPost },
			func(ctx context.Context, r record, c string) error {
				return s.CameBack(ctx, services.CameBackIn{Dossier: r.ID, Client: c, Reason: "Không có người nhận", On: dayOf(r.now)})
			}},
		{"withdraw", func(r record, role string) bool {
			return role == "owner" && slices.Contains([]services.State{1, 2, 4, 5, 6}, r.State) && r.DecidedAt == nil
		}, func(ctx context.Context, r record, c string) error {
			return s.Withdraw(ctx, services.WithdrawIn{Dossier: r.ID, Client: c})
		}},
		{"stop", func(r record, role string) bool {
			return decides(role) && (r.State == 4 || r.State == 6 && r.now.After(r.Term.PayBy)) && r.DecidedAt == nil
		},
			func(ctx context.Context, r record, c string) error {
				return s.Stop(ctx, services.StopIn{Dossier: r.ID, Client: c, Reason: reason, Basis: basis})
			}},
		{"resume", func(r record, role string) bool { return decides(role) && r.State == 8 && r.AcceptedAt != nil },
			func(ctx context.Context, r record, c string) error {
				return s.Resume(ctx, services.StopIn{Dossier: r.ID, Client: c, Reason: reason, Basis: basis})
			}},
		{"reopen", func(r record, role string) bool {
			return decides(role) && r.State == 9 && r.Step == services.StepReturn
		},
			func(ctx context.Context, r record, c string) error {
				return s.Reopen(ctx, services.StopIn{Dossier: r.ID, Client: c, Reason: reason, Basis: basis})
			}},
		{"extend", func(r record, role string) bool {
			return decides(role) && (r.State == 2 || r.State == 4) && r.Extensions == 0 && !r.Late(r.now)
		}, func(ctx context.Context, r record, c string) error {
			return s.Extend(ctx, services.ExtendIn{Dossier: r.ID, Client: c, Days: 2, Reason: reason})
		}},
	}
}

// what is asked for: a fee on return with a term in days, and a fee before acceptance on the same day.
var asked = map[string]forms.Answers{
	"1.004873": marital(),
	"2.000815": {"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "requester_birth_date": "1996-03-14", "requester_sex": "female",
		"requester_phone": "0912345678", "requester_in_province": "yes", "requester_unit": "32248", "requester_residence": "Ấp Mũi", "relationship": "self",
		"document_kind": "Bằng tốt nghiệp", "language": "Tiếng Việt", "pages": "10", "copies": "2", "return_way": "counter", "pledge": "yes"},
}

// Random acts by random roles, sent twice and out of date: an act goes through exactly when the law
// has that move for that role; the clock loses no working minute over a pause; no number is free
// again or given twice; every open dossier lies on one desk until a day.
func TestRandomActsKeepTheLaw(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": "8", "rapid.steps": "20", "rapid.nofailfile": "true"} {
		old := flag.Lookup(name).Value.String()
		must(t, flag.Set(name, value))
		defer flag.Set(name, old)
	}
	p := open(t)
	p.cast(t)
	roles := slices.DeleteFunc(slices.Sorted(maps.Keys(roleAccounts)), func(r string) bool { return r == "none" || r == "syst" })
	as, ids := map[string]context.Context{}, map[string]uuid.UUID{}
	for _, r := range roles {
		as[r] = p.role(t, r)
		ids[r] = actor.From(as[r]).ID
	}
	as["none"], as["syst"], as["same"] = p.role(t, "none"), p.role(t, "syst"), weakened(as["owner"]) // the owner herself, at level 1
	roles = append(roles, "none", "syst", "same")
	steps := p.steps()
	seen := map[string]uuid.UUID{} // numbers and codes
	swept := map[string]bool{}     // situations in which every unlawful act was tried
	rapid.Check(t, func(rt *rapid.T) {
		procedure := rapid.SampledFrom(slices.Sorted(maps.Keys(asked))).Draw(rt, "procedure")
		in := services.SubmitIn{Client: client(), Procedure: procedure, Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: asked[procedure]}
		out, err := p.Services.Submit(as["owner"], in)
		if err != nil {
			rt.Fatal(err)
		}
		if _, twice := seen[out.Code]; twice {
			rt.Fatalf("the code %s is given twice", out.Code)
		}
		seen[out.Code] = out.ID
		read := func() record {
			rec, err := p.Services.Dossier(as["recv"], out.ID)
			if err != nil {
				rt.Fatal(err)
			}
			return record{Record: rec, p: p, now: p.clock.Now(), ids: ids}
		}
		before := read()
		after := func(what string) {
			now := read()
			p.judge(rt, what, before, now, seen)
			before = now
			where := fmt.Sprint(now.Def.FeeMode, now.State, now.Step, now.FeeState, now.AcceptedAt != nil, now.DecidedAt != nil, now.Extensions, now.StageRequests)
			if swept[where] {
				return
			}
			swept[where] = true
			for _, s := range steps { // what the law has not, for nobody: each situation once
				for _, role := range roles {
					if !s.lawful(now, role) && s.run(as[role], now, client()) == nil {
						t.Errorf("%s as %s went through in state %d (%s, fee %s)", s.name, role, now.State, now.Step, now.FeeState)
					}
				}
			}
			if before = read(); before.Moves != now.Moves || before.FeeState != now.FeeState || len(before.Outgoing) != len(now.Outgoing) {
				t.Errorf("in state %d (%s) something refused has changed the dossier", now.State, now.Step)
			}
		}
		after("submit")
		var last func() error // the act sent last, again
		rt.Repeat(map[string]func(*rapid.T){
			"act": func(rt *rapid.T) {
				s := steps[rapid.IntRange(0, len(steps)-1).Draw(rt, "act")]
				role := rapid.SampledFrom(roles).Draw(rt, "role")
				if rapid.IntRange(0, 3).Draw(rt, "lawful") > 0 { // most of the time something that goes on
					var may []string
					for i, other := range steps {
						for _, r := range roles {
							if other.lawful(before, r) && other.name != "withdraw" && other.name != "refuse" {
								may = append(may, fmt.Sprintf("%d %s", i, r))
							}
						}
					}
					if len(may) > 0 {
						i := 0
						fmt.Sscanf(rapid.SampledFrom(may).Draw(rt, "move"), "%d %s", &i, &role)
						s = steps[i]
					}
				}
				p.clock.Advance(time.Second) // nobody does two things at the same moment
				before.now = p.clock.Now()
				id, r := client(), before
				err := s.run(as[role], r, id)
				if lawful := s.lawful(r, role); lawful != (err == nil) {
					rt.Fatalf("%s as %s in state %d (%s, fee %s): %v, by the law it is %v", s.name, role, r.State, r.Step, r.FeeState, err, lawful)
				}
				after(s.name + " as " + role)
				if err != nil {
					return
				}
				last = func() error { return s.run(as[role], r, id) }
				if err := last(); err != nil { // pressed twice
					rt.Fatalf("%s as %s pressed twice: %v", s.name, role, err)
				}
				if again := read(); again.Moves != before.Moves || again.State != before.State {
					rt.Fatalf("%s as %s pressed twice moved the dossier twice", s.name, role)
				}
			},
			"again": func(rt *rapid.T) {
				if last == nil {
					rt.Skip("nothing was sent yet")
				}
				if err := last(); err != nil {
					rt.Fatalf("the same form a second time: %v", err)
				}
				now := read()
				if now.Moves != before.Moves || now.State != before.State || now.FeeState != before.FeeState || len(now.Outgoing) != len(before.Outgoing) {
					rt.Fatalf("the same form a second time changed the dossier: %+v, before %+v", now.Dossier, before.Dossier)
				}
			},
			"time": func(rt *rapid.T) {
				p.clock.Advance(time.Duration(rapid.IntRange(1, 900).Draw(rt, "minutes")) * time.Minute)
				before.now = p.clock.Now()
			},
			"late": func(rt *rapid.T) { // the day by which the citizen had to answer or pay passes now and then
				if rapid.IntRange(0, 4).Draw(rt, "long") == 0 && (before.State == 5 || before.State == 6) {
					p.clock.Advance(50 * 24 * time.Hour)
				}
				if err := p.Services.Expire(as["syst"]); err != nil {
					rt.Fatal(err)
				}
				if err := p.Services.ChaseFees(as["syst"]); err != nil {
					rt.Fatal(err)
				}
				if req, ok := before.OpenRequest(); ok && before.State == 5 && !req.SupplyBy.Before(p.clock.Now()) {
					if now := read(); now.State != 5 {
						rt.Fatalf("stopped although the citizen has until %s", req.SupplyBy)
					}
				}
				after("expire")
			},
		})
	})
	if n, err := p.Services.CheckTerms(p.ctx); err != nil {
		t.Errorf("of %d promises: %v", n, err)
	}
	p.sealed(t)
	if rep, err := p.Book.Verify(p.ctx, p.Secrets.Verifier); err != nil || !rep.OK {
		t.Errorf("the audit: %+v, %v", rep, err)
	}
}

// judge holds what is after an act against what was before.
func (p *province) judge(rt *rapid.T, what string, before, now record, seen map[string]uuid.UUID) {
	at := services.None
	for i, mv := range now.Slip {
		from := services.None
		if mv.FromState != nil {
			from = *mv.FromState
		}
		if mv.N != i+1 || from != at || !from.CanBecome(mv.ToState) {
			rt.Fatalf("after %s line %d of the slip goes %d→%d from %d", what, mv.N, from, mv.ToState, at)
		}
		at = mv.ToState
	}
	if at != now.State {
		rt.Fatalf("after %s the slip ends in %d, the dossier in %d", what, at, now.State)
	}
	for _, o := range now.Outgoing {
		if o.Number == "" {
			continue
		}
		if whose, ok := seen[o.Number]; ok && whose != o.ID {
			rt.Fatalf("after %s the number %s is given twice", what, o.Number)
		}
		seen[o.Number] = o.ID
	}
	if before.Number != nil && now.Number != nil && *before.Number != *now.Number {
		rt.Fatalf("after %s the number is %s, it was %s", what, *now.Number, *before.Number)
	}
	p.judgeDesk(rt, what, now)
	if now.AcceptedAt == nil || before.PausedAt == nil || now.PausedAt != nil || now.State == services.Withdrawn || before.PausedAt.After(*before.DueAt) {
		return
	}
	// a pause has ended: as many working minutes are left as were left when it began
	cal, err := p.Calendar.For(p.ctx, now.CompetentAgency, calendar.Counting)
	if err != nil {
		rt.Fatal(err)
	}
	last := now.Pauses[len(now.Pauses)-1]
	left, err := cal.WorkingBetween(last.From, *before.DueAt)
	if err != nil {
		rt.Fatal(err)
	}
	if got, err := cal.WorkingBetween(last.To, *now.DueAt); err != nil || got < left {
		rt.Fatalf("after %s %d working minutes are left of %d: paused %s to %s, due %s, before %s, %v", what, got, left, last.From, last.To, now.DueAt, before.DueAt, err)
	}
}

// judgeDesk makes sure that an open dossier lies on one desk where somebody sits, until a day, and an
// ended one on none.
func (p *province) judgeDesk(rt interface{ Fatalf(string, ...any) }, what string, now record) {
	items, err := worklist.OpenOf(p.ctx, p.db.Reader, "services.dossier", now.ID)
	if err != nil {
		rt.Fatalf("%v", err)
	}
	if !now.State.Open() {
		if len(items) > 0 {
			rt.Fatalf("after %s the ended dossier lies on %d desks", what, len(items))
		}
		return
	}
	if len(items) != 1 || items[0].Due.IsZero() {
		rt.Fatalf("after %s the open dossier lies on %d desks: %+v", what, len(items), items)
	}
	it := items[0]
	there, err := p.Directory.Receivers(p.ctx, p.db.Reader, it.Agency, it.Right, now.now)
	if err != nil {
		rt.Fatalf("%v", err)
	}
	if len(there) == 0 || it.Person != uuid.Nil && !slices.ContainsFunc(there, func(o directory.Post) bool { return o.Person == it.Person }) {
		rt.Fatalf("after %s it lies on a desk of %s where nobody sits: %+v", what, it.Agency, it)
	}
	unpaid := now.Term != nil && now.Term.LapsedAt != nil && now.DecidedAt == nil // too late: an officer decides
	if waits := now.WaitsForCitizen(); waits != (it.Step == services.StepCitizen) || strings.Contains(it.Why, "citizen") != (waits && !unpaid) || strings.Contains(it.Why, "unpaid") != unpaid {
		rt.Fatalf("after %s it waits for the citizen: %v, on the desk: %+v", what, waits, it)
	}
}

func (p *province) sealed(t *testing.T) int64 {
	t.Helper()
	if _, err := p.Book.Seal(p.ctx); err != nil {
		t.Fatal(err)
	}
	n, err := pg.Value[int64](p.db.Reader.Query(t.Context(), `SELECT count(*) FROM audit.leaf`))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
