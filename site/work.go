package site

import (
	"context"
	"errors"
	"fmt"
	"time"

	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/trace"
)

// Work runs the jobs of a site until ctx ends, and answers no requests: for machines beside the
// one that serves. What kind of province it is stands in the database.
func Work(ctx context.Context, o Options) (err error) {
	db, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := Migrate(ctx, db); err != nil {
		return err
	}
	in, err := pg.ReadInstance(ctx, db.Owner)
	if fault.KindOf(err) == fault.KindNotFound {
		return errors.New("this database is new and has no jobs: start `datmui serve` first")
	}
	if err != nil {
		return err
	}
	o.Demo = in.Demo
	if o.Demo { // it reaches nobody, whatever the settings say
		o.National = ""
	}
	o.Trace = trace.New(o.Collector, o.Log)
	defer o.Trace.Close()
	s, err := Build(ctx, db, o)
	if err != nil {
		return err
	}
	defer s.Files.Close()
	if err := s.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the jobs: %w", err)
	}
	o.Log.Info("working jobs")
	if o.Ready != nil {
		o.Ready()
	}
	<-ctx.Done()
	o.Log.Info("stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.Stop(end)
}
