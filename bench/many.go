package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/kit/sheet"
)

const million = 1_000_000

// errEnough ends an export that has written a million rows.
var errEnough = errors.New("enough")

// exportMillion writes a million dossiers as CSV and as XLSX, to nowhere, and looks at how much more
// memory this program takes while it does. PostgreSQL is another program.
func exportMillion(ctx context.Context, s *stage) []Result {
	const name, unit = "export_million", "MB"
	l, err := s.province(ctx, s.most)
	if err != nil {
		return failed(name, unit, err)
	}
	who, err := l.holder(ctx, "ubnd-tinh", "leader")
	if err != nil {
		return failed(name, unit, err)
	}
	var most float64
	note := ""
	for _, format := range []string{"csv", "xlsx"} {
		debug.FreeOSMemory()
		before, err := ownMemory("VmRSS")
		if err == nil {
			err = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak begins anew
		}
		if err != nil {
			return failed(name, unit, err)
		}
		start, rows := time.Now(), 0
		var out sheet.Writer
		_, err = l.site.Services.Export(actor.With(ctx, who), services.ListIn{}, format, func() (err error) {
			if format == "xlsx" {
				out, err = sheet.XLSX(io.Discard, "Hồ sơ")
			} else {
				out, err = sheet.CSV(io.Discard, true)
			}
			return err
		}, func(x services.ExportLine) error {
			if rows++; rows > million {
				return errEnough
			}
			return out.Row(x.Code, x.Procedure, x.Name, x.ApplicantName, x.Subject, x.Receiving, x.Competent, x.FiledAt, x.AcceptedAt, x.HandedAt, x.HolderName, x.DueAt, x.FinishedAt, x.ReturnedAt, x.ReceivedBy)
		})
		if err != nil && !errors.Is(err, errEnough) {
			return failed(name, unit, err)
		}
		if err := out.Close(); err != nil {
			return failed(name, unit, err)
		}
		peak, err := ownMemory("VmHWM")
		if err != nil {
			return failed(name, unit, err)
		}
		most = max(most, peak-before)
		note += fmt.Sprintf("%s: %d rows in %.0f s, %.0f MB more than the %.0f MB before; ", format, min(rows, million), time.Since(start).Seconds(), peak-before, before)
	}
	return []Result{alone(name, most, unit, note+"highest resident memory of the process that writes")}
}

// ownMemory is the resident memory of this program in MB.
func ownMemory(field string) (float64, error) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(field + `:\s+(\d+) kB`).FindSubmatch(raw)
	if m == nil {
		return 0, errors.New("the system does not tell")
	}
	kb, err := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024, err
}

// holder is who holds a post of a body today.
func (h *house) holder(ctx context.Context, agency, position string) (actor.Actor, error) {
	now := time.Now()
	type post struct{ ID, PersonID uuid.UUID }
	p, err := pg.One[post](h.db.Reader.Query(ctx, `SELECT id, person_id FROM directory.post WHERE agency_id = @agency AND position = @position
		AND valid_from <= @day AND (valid_to IS NULL OR valid_to > @day) ORDER BY id LIMIT 1`, pgx.NamedArgs{"agency": agency, "position": position, "day": now}))
	if err != nil {
		return actor.Actor{}, fmt.Errorf("the %s of %s: %w", position, agency, err)
	}
	return h.site.Directory.Actor(ctx, h.db.Reader, p.PersonID, p.ID, now)
}

// bulkAssign gives 10,000 accepted dossiers to an officer, as the job does it, against the rows that
// an assignment writes in four workers of plain SQL, each in a transaction of its own.
func bulkAssign(ctx context.Context, s *stage) []Result {
	const name, unit = "bulk_assign_10000", "dossiers/s"
	if err := s.open(ctx); err != nil {
		return failed(name, unit, err)
	}
	n := 10_000
	if s.most <= 200_000 {
		n = 2_000
	}
	var pairs []pair
	for i := range min(s.pairs, 3) {
		var p pair
		var err error
		if p.ours, err = s.assignMany(ctx, n, i); err == nil {
			p.reference, err = s.assignPlain(ctx, n, i)
		}
		if err != nil {
			return failed(name, unit, err)
		}
		fmt.Fprintf(os.Stderr, "    ours %.0f, reference %.0f, ratio %.2f\n", p.ours, p.reference, p.ours/p.reference)
		pairs = append(pairs, p)
	}
	return []Result{paired(name, unit, fmt.Sprintf("%d dossiers, ordered and done by the job in four workers, with rights, notice, entry and the result of each; the reference locks the dossier, writes its row, the line of its slip, the desk and an entry, statement by statement, in four workers", n), pairs)}
}

// accepted makes n accepted dossiers of one body, rows only, from one that was filed and accepted.
func (s *stage) accepted(ctx context.Context, n int, mark string) (ids []uuid.UUID, body string, err error) {
	out, err := s.submit(ctx, 0)
	if err != nil {
		return nil, "", err
	}
	counter, err := s.holder(ctx, s.counters[0].ID, "receiving-officer")
	if err != nil {
		return nil, "", err
	}
	if err := s.site.Services.Accept(actor.With(ctx, counter), services.AcceptIn{Dossier: out.ID, Client: audit.NewClient()}); err != nil {
		return nil, "", err
	}
	tx, err := s.db.Owner.Begin(ctx)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE fresh ON COMMIT DROP AS SELECT gen_random_uuid() AS id, i FROM generate_series(1, $1::int) i`, n); err != nil {
		return nil, "", err
	}
	for _, copy := range []struct{ table, where string }{{"services.dossier", "t.id = $1"}, {"services.move", "t.dossier_id = $1"}, {"worklist.item", "t.subject = $1 AND t.done_at IS NULL"}} {
		sql, err := pg.Value[string](tx.Query(ctx, `SELECT format('INSERT INTO %1$s (%2$s) SELECT %3$s FROM %1$s t, fresh f WHERE `+copy.where+`', $1::text,
				string_agg(quote_ident(attname), ', ' ORDER BY attnum),
				string_agg(CASE WHEN $1 = 'worklist.item' AND attname = 'id' THEN 'gen_random_uuid()' WHEN attname IN ('id', 'dossier_id', 'subject') AND NOT ($1 = 'services.dossier' AND attname = 'subject') THEN 'f.id'
					WHEN attname = 'code' THEN 't.code || ''-`+mark+`'' || f.i' ELSE 't.' || quote_ident(attname) END, ', ' ORDER BY attnum))
			FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, copy.table))
		if err != nil {
			return nil, "", err
		}
		if _, err := tx.Exec(ctx, sql, out.ID); err != nil {
			return nil, "", fmt.Errorf("copying into %s: %w", copy.table, err)
		}
	}
	if ids, err = pg.Values[uuid.UUID](tx.Query(ctx, `SELECT id FROM fresh ORDER BY i`)); err != nil {
		return nil, "", err
	}
	if body, err = pg.Value[string](tx.Query(ctx, `SELECT competent_agency FROM services.dossier WHERE id = $1`, out.ID)); err != nil {
		return nil, "", err
	}
	return ids, body, tx.Commit(ctx)
}

func (s *stage) assignMany(ctx context.Context, n, run int) (float64, error) {
	ids, body, err := s.accepted(ctx, n, fmt.Sprintf("o%d-", run))
	if err != nil {
		return 0, err
	}
	leader, err := s.holder(ctx, body, "leader")
	if err != nil {
		return 0, err
	}
	officer, err := s.holder(ctx, body, "case-officer")
	if err != nil {
		return 0, err
	}
	in := services.BulkIn{Client: audit.NewClient(), Act: services.BulkAssign, Dossiers: ids}
	in.To = officer.ID
	start := time.Now()
	id, err := s.site.Services.OrderBulk(actor.With(ctx, leader), in)
	if err != nil {
		return 0, err
	}
	for over := false; !over; {
		if over, err = s.site.Services.RunBulkNow(actor.With(ctx, actor.ForSystem("bench")), id); err != nil {
			return 0, err
		}
	}
	took := time.Since(start).Seconds()
	b, err := s.site.Services.BulkOf(actor.With(ctx, leader), id)
	if err == nil && b.Done != n {
		err = fmt.Errorf("%d of %d were assigned, %d failed", b.Done, n, b.Failed)
	}
	return float64(n) / took, err
}

// assignPlain writes the rows of n assignments without the program.
func (s *stage) assignPlain(ctx context.Context, n, run int) (float64, error) {
	ids, body, err := s.accepted(ctx, n, fmt.Sprintf("r%d-", run))
	if err != nil {
		return 0, err
	}
	officer, err := s.holder(ctx, body, "case-officer")
	if err != nil {
		return 0, err
	}
	next, errs := make(chan uuid.UUID), make(chan error, 4)
	start := time.Now()
	var crew sync.WaitGroup
	for range 4 {
		crew.Go(func() {
			for id := range next {
				if err := s.plain(ctx, id, officer.ID); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for _, id := range ids {
		select {
		case next <- id:
		case err := <-errs:
			close(next)
			return 0, err
		}
	}
	close(next)
	crew.Wait()
	return float64(n) / time.Since(start).Seconds(), nil
}

func (s *stage) plain(ctx context.Context, id, officer uuid.UUID) error {
	return pgx.BeginFunc(ctx, s.db.App, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`SELECT * FROM services.dossier WHERE id = $1 AND $2::uuid IS NOT NULL FOR UPDATE`,
			`INSERT INTO services.move (dossier_id, n, prev, from_state, to_state, act, at, actor, actor_name, to_person) VALUES ($1, 3, 2, 2, 4, 'services.dossier.assign', now(), $2, 'A', $2)`,
			`UPDATE services.dossier SET state = 4, moves = 3, step = 'handle', holder = $2, updated_at = now() WHERE id = $1`,
			`UPDATE worklist.item SET person = $2, right_key = 'services.handle', why = 'services.why.handle', step = 'handle', started_at = now() WHERE subject = $1 AND done_at IS NULL`,
			`INSERT INTO audit.entry (kind, name, at, actor_kind, actor_id, subject_kind, subject_id, persons, visible_from, salt, body, personal, leaf)
				SELECT kind, name, now(), actor_kind, $2, subject_kind, $1::uuid::text, persons, visible_from, salt, body, personal, leaf FROM audit.entry ORDER BY id DESC LIMIT 1`,
		} {
			if _, err := tx.Exec(ctx, sql, id, officer); err != nil {
				return err
			}
		}
		return nil
	})
}
