package demo

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
)

//go:embed data/*.csv
var data embed.FS

// Config says which province is made.
type Config struct {
	Book     *audit.Book // required to load; Build does without
	Seed     int64
	AsOf     time.Time                          // the province's today; zero means now
	Scale    int                                // multiplies citizens; 0 means 1
	Progress func(step string, done, total int) // may be nil
}

// CitizensAtScale1 is how many citizens there are beside the officials.
const CitizensAtScale1 = 40_000

// Days on which the province changed.
var (
	opening     = day("2004-01-01") // the state of 2023 is entered as from here; founding days are not in the data
	wardsMerged = day("2024-12-01")
	twoLevels   = day("2025-07-01")
)

// Earliest is the first as-of day the data can tell of.
var Earliest = day("2023-01-01")

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// Account is a name to sign in with in demonstration mode.
type Account struct {
	Account  string    // sign-in name, the same for every seed
	PersonID uuid.UUID // in directory.person
	Post     uuid.UUID // in directory.post; zero for citizens
	Position string    // directory position key; "" for citizens
	Agency   string    // id
	What     string    // what the person does, in Vietnamese
	WhatEn   string
}

// World is the province in memory, ready to be loaded: everything but the citizens at large, who
// are made as they are written.
type World struct {
	AsOf        time.Time // civil day
	Units       []directory.Unit
	UnitChanges []directory.UnitChange
	Agencies    []directory.Agency
	Successions []directory.Succession
	Posts       []directory.Post
	Accounts    []Account

	seed      uint64
	scale     int
	people    []official
	names     *names
	numbers   *numbers
	communes  []directory.Unit // in force on the as-of day
	from      map[string]string
	neighbour []directory.Person // citizens with an account
}

// Build makes the province in memory.
func Build(c Config) (*World, error) {
	if c.AsOf.IsZero() {
		c.AsOf = time.Now()
	}
	w := &World{AsOf: directory.Day(c.AsOf), seed: uint64(c.Seed), scale: max(c.Scale, 1), numbers: newNumbers()}
	if w.AsOf.Before(Earliest) {
		return nil, fmt.Errorf("the demonstration province begins on %s: choose a later day", Earliest.Format(time.DateOnly))
	}
	var err error
	if w.names, err = readNames(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{w.makeUnits, w.makeAgencies, w.makeOfficials, w.makeAccounts} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Province makes and loads the province alone: units, bodies, officials, then citizens.
func Province(ctx context.Context, c Config) (*World, error) {
	w, err := Build(c)
	if err != nil {
		return nil, err
	}
	b, err := openBatches(ctx, c, nil)
	if err != nil {
		return nil, err
	}
	return w, w.loadProvince(ctx, b)
}

func (w *World) loadProvince(ctx context.Context, b *batches) error {
	for _, step := range []struct {
		name string
		rows int
		load func(context.Context, pgx.Tx) (int64, error)
	}{
		{"units", len(w.Units), func(ctx context.Context, tx pgx.Tx) (int64, error) {
			n, err := directory.LoadUnits(ctx, tx, w.Units)
			if err != nil {
				return n, err
			}
			more, err := directory.LoadUnitChanges(ctx, tx, w.UnitChanges)
			return n + more, err
		}},
		{"agencies", len(w.Agencies), func(ctx context.Context, tx pgx.Tx) (int64, error) {
			n, err := directory.LoadAgencies(ctx, tx, w.Agencies)
			if err != nil {
				return n, err
			}
			more, err := directory.LoadSuccessions(ctx, tx, w.Successions)
			return n + more, err
		}},
		{"officials", len(w.people), func(ctx context.Context, tx pgx.Tx) (int64, error) {
			n, err := directory.LoadPeople(ctx, tx, w.officials())
			if err != nil {
				return n, err
			}
			more, err := directory.LoadPosts(ctx, tx, w.Posts)
			return n + more, err
		}},
	} {
		b.tell(step.name, 0, step.rows)
		if err := b.step(ctx, step.name, step.load); err != nil {
			return err
		}
		b.tell(step.name, step.rows, step.rows)
	}
	return w.loadCitizens(ctx, b)
}

// chunk is how many citizens go into one transaction.
const chunk = 50_000

func (w *World) loadCitizens(ctx context.Context, b *batches) error {
	total := w.citizens()
	next, stop := iter.Pull2(w.Citizens())
	defer stop()
	b.tell("citizens", 0, total)
	for done := 0; done < total; done += chunk {
		name, n := fmt.Sprintf("citizens from %d", done), min(chunk, total-done)
		if b.done[name] {
			for range n {
				next()
			}
			continue
		}
		err := b.step(ctx, name, func(ctx context.Context, tx pgx.Tx) (int64, error) {
			return directory.LoadPeople(ctx, tx, func(yield func(directory.Person, time.Time) bool) {
				for range n {
					p, known, ok := next()
					if !ok || !yield(p, known) {
						return
					}
				}
			})
		})
		if err != nil {
			return err
		}
		b.tell("citizens", done+n, total)
	}
	return nil
}

// checksum says from which data the province was made.
func checksum() (string, error) {
	files, err := data.ReadDir("data")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, f := range files {
		b, err := data.ReadFile("data/" + f.Name())
		if err != nil {
			return "", err
		}
		h.Write(b)
	}
	return fmt.Sprintf("sha256 %x", h.Sum(nil)), nil
}

// table reads a CSV of the data folder into rows by column name.
func table(name string) ([]map[string]string, error) {
	f, err := data.Open("data/" + name + ".csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	var rows []map[string]string
	for {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		row := make(map[string]string, len(head))
		for i, h := range head {
			row[h] = strings.TrimSpace(line[i])
		}
		rows = append(rows, row)
	}
}

// until cuts the end of a span to what is known on the as-of day; gone is true when the span
// begins after it.
func (w *World) until(from time.Time, to *time.Time) (end *time.Time, gone bool) {
	if from.After(w.AsOf) {
		return nil, true
	}
	if to != nil && to.After(w.AsOf) {
		return nil, false
	}
	return to, false
}
