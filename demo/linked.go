package demo

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// birthSet is the inter-linked set that the demonstration files.
const birthSet = "2.000986"

// How far the sets of the demonstration have come: one for each, filed by those a visitor can sign in as.
const (
	setFiled    = iota // the counter has to answer
	setRefused         // the birth was refused: the others are stopped
	setBegun           // the birth is with its officer
	setNext            // residence has begun with the birth certificate
	setAsked           // the police wait for the citizen
	setLast            // the insurance card is worked
	setFinished        // everything is there to be fetched
	setKinds
)

// LinkedSets files the sets and works them, once. They are acts of today like any other, and may be
// run beside the pages; what was begun goes on.
func LinkedSets(ctx context.Context, c LoadConfig) error {
	done, err := pg.Values[string](c.DB.Query(ctx, `SELECT name FROM demo.step WHERE name = 'linked sets'`))
	if err != nil || len(done) > 0 {
		return err
	}
	w, err := Build(Config{Seed: c.Seed, AsOf: orToday(c.AsOf), Scale: c.Scale})
	if err != nil || w.AsOf.Before(twoLevels) {
		return err
	}
	for kind := range setKinds {
		if kind > setBegun && c.Sign == nil {
			break
		}
		s := &setStory{LoadConfig: c, w: w, n: kind}
		if err := s.tell(ctx); err != nil && fault.KindOf(err) != fault.KindConflict { // somebody at the pages was faster
			return fmt.Errorf("linked set %d: %w", kind, err)
		}
	}
	return c.Book.Batch(ctx, "demo.load", "linked sets", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		_, err := tx.Exec(ctx, `INSERT INTO demo.step (name, rows, at) VALUES ('linked sets', $1, $2) ON CONFLICT DO NOTHING`, setKinds, c.Book.Clock().Now())
		return setKinds, err
	})
}

// setStory is one set of the demonstration.
type setStory struct {
	LoadConfig
	w   *World
	n   int
	set uuid.UUID
}

func (s *setStory) client(act string) string { return fmt.Sprintf("demo-set-%d-%s", s.n, act) }

func (s *setStory) tell(ctx context.Context) error {
	if err := s.file(ctx); err != nil || s.n == setFiled {
		return err
	}
	first, err := s.part(ctx, 0)
	if err != nil {
		return err
	}
	counter, err := s.official(ctx, first.ReceivingAgency, services.RightReceive)
	if err != nil {
		return err
	}
	if s.n == setRefused {
		why := reasons[0]
		if err := s.Services.Refuse(counter, services.RefuseIn{Dossier: first.ID, Client: s.client("refuse"), Reason: why.text, Basis: why.basis}); err != nil {
			return err
		}
		return s.Services.Follow(ctx, s.set)
	}
	if err := s.Services.Accept(counter, services.AcceptIn{Dossier: first.ID, Client: s.client("accept")}); err != nil {
		return err
	}
	for part, upto := range []int{setBegun, setAsked, setLast} {
		if err := s.work(ctx, part, s.n > upto); err != nil {
			return err
		}
		if s.n <= upto {
			return nil
		}
	}
	return nil
}

// file sends the declaration of the set.
func (s *setStory) file(ctx context.Context) error {
	who := s.w.neighbour[s.n%2]
	r := s.w.draws(ofDossier, 1<<41+uint64(s.n))
	unit := directory.Unit{}
	for _, u := range s.w.communes {
		if u.Code == who.ResidenceUnit {
			unit = u
		}
	}
	ask := &asker{w: s.w, r: r, p: who, unit: unit, filed: s.w.AsOf, way: "online"}
	answers := ask.answers("fs-1-birth")
	for name, v := range map[string]string{"relationship": "child", "authorised": "no", "birth_proof_kind": "data", "dwelling_address": ask.home(), "household_head": who.Name,
		"household_relation": "con", "dwelling_consent": "yes", "dwelling_proof_kind": "data", "first_clinic": "Trạm Y tế " + ask.commune()} {
		answers[name] = v
	}
	citizen := actor.With(ctx, actor.Actor{ID: who.ID, Kind: actor.Citizen, Name: who.Name, Level: 2})
	out, err := s.Services.Submit(citizen, services.SubmitIn{Client: s.client("file"), Procedure: birthSet, Agency: s.w.staff().counters[who.ResidenceUnit], ReturnWay: "online", Answers: answers})
	s.set = out.Set
	return err
}

// part reads one part of the set.
func (s *setStory) part(ctx context.Context, n int) (services.Record, error) {
	who := s.w.neighbour[s.n%2]
	all, err := s.Services.Set(actor.With(ctx, actor.Actor{ID: who.ID, Kind: actor.Citizen, Name: who.Name, Level: 2}), s.set)
	if err != nil {
		return services.Record{}, err
	}
	return all.Records[n], nil
}

// official is somebody with a right at a body.
func (s *setStory) official(ctx context.Context, body, right string) (context.Context, error) {
	now := s.Book.Clock().Now()
	list, err := s.Directory.Receivers(ctx, s.DB, body, right, now)
	if err != nil {
		return ctx, err
	}
	if len(list) == 0 {
		return ctx, fmt.Errorf("nobody has %s at %s", right, body)
	}
	a, err := s.Directory.Actor(ctx, s.DB, list[0].Person, uuid.Nil, now)
	a.Session = uuid.New()
	return actor.With(ctx, a), err
}

// work takes a part and, where it goes on, brings it to its seal; the police of one set wait for the citizen.
func (s *setStory) work(ctx context.Context, n int, through bool) error {
	if err := s.Services.Follow(ctx, s.set); err != nil {
		return err
	}
	rec, err := s.part(ctx, n)
	if err != nil || s.n == setNext && n == 1 {
		return err
	}
	officer, err := s.official(ctx, rec.CompetentAgency, services.RightHandle)
	if err != nil {
		return err
	}
	act := func(name string) string { return s.client(fmt.Sprintf("%s-%d", name, n)) }
	if err := s.Services.Take(officer, services.TakeIn{Dossier: rec.ID, Client: act("take")}); err != nil {
		return err
	}
	leader, err := s.official(ctx, rec.CompetentAgency, services.RightDecide)
	if err != nil {
		return err
	}
	if s.n == setAsked && n == 1 {
		return s.Services.Ask(leader, services.AskIn{Dossier: rec.ID, Client: act("ask"), Basis: "Luật Cư trú",
			Items: []services.Item{{Key: "dwelling-proof", What: "Giấy tờ chứng minh chỗ ở hợp pháp", How: "Chụp trang có tên chủ sở hữu và địa chỉ"}}})
	}
	if !through {
		return nil
	}
	values := map[string]string{}
	for _, line := range s.Services.ResultLines(officer, rec) {
		if line.Key == "personal_id" && line.Value == "" {
			values[line.Key] = fmt.Sprintf("096326%06d", 900_001+s.n)
		}
	}
	signer := actor.From(leader)
	if err := s.Services.Propose(officer, services.ProposeIn{Dossier: rec.ID, Client: act("propose"), Outcome: "granted", Signer: signer.ID, Values: values}); err != nil {
		return err
	}
	if err := s.Services.Sign(leader, services.SignIn{Dossier: rec.ID, Client: act("sign"), PIN: pinOnce(ctx, s.LoadConfig, signer)}); err != nil {
		return err
	}
	clerk, err := s.official(ctx, rec.CompetentAgency, services.RightNumber)
	if err != nil {
		return err
	}
	if err := s.Services.Number(clerk, services.NumberIn{Dossier: rec.ID, Client: act("number")}); err != nil {
		return err
	}
	return s.Services.Follow(ctx, s.set)
}
