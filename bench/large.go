package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// large is the demonstration province with many dossiers, loaded as `datmui demo --scale` loads it.
type large struct {
	*house
	loaded loaded
}

// loaded is what is kept beside a province that was loaded to its end.
type loaded struct {
	Dossiers int
	Seconds  float64 // until the last row was written and its entry sealed
	Part     bool    // it went on where an earlier load was broken off
	Entries  int64   // of the audit
	At       time.Time
}

// province opens the province with so many dossiers, loading it when no earlier run has kept it.
func (s *stage) province(ctx context.Context, dossiers int) (*large, error) {
	if l := s.larger[dossiers]; l != nil {
		return l, nil
	}
	scale := dossiers / demo.DossiersAtScale1
	if scale < 1 || scale*demo.DossiersAtScale1 != dossiers {
		return nil, fmt.Errorf("%d dossiers are no whole number of times %d", dossiers, demo.DossiersAtScale1)
	}
	dir := filepath.Join(s.dir, strconv.Itoa(dossiers))
	if s.keep != "" {
		dir = filepath.Join(s.keep, strconv.Itoa(dossiers))
	}
	note := filepath.Join(dir, "loaded.json")
	if err := begin(dir, note); err != nil {
		return nil, err
	}
	system := actor.With(ctx, actor.ForSystem("bench"))
	h, err := build(system, dir)
	if err != nil {
		return nil, err
	}
	l := &large{house: h}
	s.larger[dossiers] = l
	raw, err := os.ReadFile(note)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		return l, json.Unmarshal(raw, &l.loaded)
	}
	if err := l.load(system, dossiers, scale); err != nil {
		return nil, err
	}
	if raw, err = json.Marshal(l.loaded); err != nil {
		return nil, err
	}
	return l, os.WriteFile(note, raw, 0o644)
}

// begin makes the folder of a province. A load that was broken off goes on only in the program that
// began it: another may tell other histories.
func begin(dir, note string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(exe)
	if err != nil {
		return err
	}
	me, mark := fmt.Sprintf("%x", sha256.Sum256(raw)), filepath.Join(dir, "begun")
	if _, err := os.Stat(note); err == nil {
		return nil
	}
	if by, err := os.ReadFile(mark); err == nil && string(by) == me {
		return nil
	} else if err == nil || !errors.Is(err, fs.ErrNotExist) || exists(filepath.Join(dir, "pg")) {
		fmt.Fprintf(os.Stderr, "    %s was left half loaded by another program: it is loaded anew\n", dir)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte(me), 0o644)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// load fills the province and seals its audit, with the time that took.
func (l *large) load(ctx context.Context, dossiers, scale int) error {
	start, last := time.Now(), time.Time{}
	b := l.site
	steps, err := pg.Value[int](l.db.Reader.Query(ctx, `SELECT count(*) FROM demo.step`))
	if err != nil {
		return err
	}
	err = demo.Load(ctx, demo.LoadConfig{Book: b.Book, DB: l.db.Reader, Directory: b.Directory, Calendar: b.Calendar, Services: b.Services,
		Sign: b.Sign, Forms: b.Forms, Seed: 1, Scale: scale, Progress: func(step string, done, total int) {
			if time.Since(last) > 15*time.Second {
				last = time.Now()
				fmt.Fprintf(os.Stderr, "    %.0f s: %s %d/%d\n", time.Since(start).Seconds(), step, done, total)
			}
		}})
	if err != nil {
		return err
	}
	if l.loaded.Entries, err = l.sealAll(ctx); err != nil {
		return err
	}
	took := time.Since(start).Seconds()
	l.loaded.Dossiers, l.loaded.Seconds, l.loaded.Part, l.loaded.At = dossiers, took, steps > 0, start
	fmt.Fprintf(os.Stderr, "    %.0f s: loaded, %d entries sealed\n", took, l.loaded.Entries)
	return l.settle(ctx)
}

// sealAll waits until every entry has its place in the tree and says how many there are. Sealing
// may have to wait for another that is still under way.
func (l *large) sealAll(ctx context.Context) (int64, error) {
	type head struct {
		Size int64
		All  bool
	}
	for began := time.Now(); time.Since(began) < 10*time.Minute; time.Sleep(100 * time.Millisecond) {
		if _, err := l.site.Book.Seal(ctx); err != nil {
			return 0, err
		}
		h, err := pg.One[head](l.db.Reader.Query(ctx, `SELECT size, horizon > (SELECT max(xid) FROM audit.entry) AS all
			FROM audit.checkpoint ORDER BY id DESC LIMIT 1`))
		if err != nil || h.All {
			return h.Size, err
		}
	}
	return 0, errors.New("the entries were not all sealed within ten minutes")
}

const loadName = "load_2m"

// loads is how long the largest province takes to be loaded and sealed.
func loads(ctx context.Context, s *stage) []Result {
	const unit = "minutes"
	l, err := s.province(ctx, s.most)
	if err != nil {
		return failed(loadName, unit, err)
	}
	if l.loaded.Part || l.loaded.Seconds == 0 {
		return failed(loadName, unit, fmt.Errorf("the load went on where an earlier one was broken off; the rest took %.0f s", l.loaded.Seconds))
	}
	return []Result{alone(loadName, l.loaded.Seconds/60, unit, fmt.Sprintf("%d dossiers with %d entries loaded and sealed, rows only, begun %s",
		l.loaded.Dossiers, l.loaded.Entries, l.loaded.At.Format(time.DateTime)))}
}
