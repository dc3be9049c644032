package identity

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// BenchmarkSignIn1000 is a thousand officials who type their password and code within one second;
// it reports how long the last one waits.
func BenchmarkSignIn1000(b *testing.B) {
	w := setup(b)
	const people = 1000
	hash, err := w.hasher.make(b.Context(), false, secret)
	w.must(err)
	phone := newSecret()
	for b.Loop() {
		b.StopTimer()
		stamp := uuid.NewString()[:8]
		var rows []NewAccount
		for i := range people {
			person := uuid.Must(uuid.NewV7())
			w.exec(`INSERT INTO directory.person (id, name, official) VALUES ($1, 'A', true)`, person)
			w.exec(`INSERT INTO directory.post (id, person_id, agency_id, position, title, rank, valid_from) VALUES ($1, $1, 'ubnd-xa', 'clerk', 'Văn thư', 60, '2020-01-01')`, person)
			rows = append(rows, NewAccount{ID: person, Person: person, Kind: KindOfficial, Name: fmt.Sprintf("%s.%d", stamp, i), At: w.clock.Now()})
		}
		w.must(w.conf.Book.Batch(w.system(), "identity.load", "bench", func(ctx context.Context, tx pgx.Tx) (int64, error) { return CreateAccounts(ctx, tx, rows) }))
		for _, a := range rows {
			w.exec(`UPDATE identity.account SET password_hash = $2, totp_secret = $3 WHERE id = $1`, a.ID, hash, w.keys.close([]byte(phone), a.ID[:]))
		}
		code := w.code(phone)
		ctx := w.from(home, "")
		var wg sync.WaitGroup
		b.StartTimer()
		start := time.Now()
		for i, a := range rows {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				next, err := w.Password(ctx, PasswordIn{Name: a.Name, Password: secret})
				if err == nil {
					_, err = w.Code(ctx, CodeIn{Token: next.Token, Code: code})
				}
				if err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		b.ReportMetric(time.Since(start).Seconds(), "s/all")
	}
}
