package pg_test

import (
	"context"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type greet struct{ Name string }

func (greet) Kind() string { return "kit.greet" }

// River's tables belong to the owner; its client must get by with the app's rights.
func TestRiverWorksAsTheApp(t *testing.T) {
	ctx := t.Context()
	db := open(t, t.TempDir())
	if err := pg.Migrate(ctx, db.Owner); err != nil {
		t.Fatal(err)
	}
	greeted := make(chan string, 1)
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(_ context.Context, job *river.Job[greet]) error {
		greeted <- job.Args.Name
		return nil
	}))
	client, err := river.NewClient(riverpgxv5.New(db.App), &river.Config{Logger: testkit.Log(t), Workers: workers,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	done, cancel := client.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	if err := client.Start(ctx); err != nil {
		t.Fatal(err)
	}
	tx, err := db.App.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.InsertTx(ctx, tx, greet{"Cà Mau"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if name := <-greeted; name != "Cà Mau" {
		t.Errorf("greeted %q", name)
	}
	<-done
	if err := client.Stop(context.WithoutCancel(ctx)); err != nil {
		t.Error(err)
	}
	if n, err := pg.Value[int](db.Reader.Query(ctx, `SELECT count(*) FROM river_job WHERE state = 'completed'`)); n != 1 || err != nil {
		t.Errorf("%d jobs are completed: %v", n, err)
	}
}
