package calendar

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
)

// Seed fills an empty calendar with the shipped days and the usual hours: announced years are
// published, a year with days that are only worked out is a draft until somebody publishes it.
// Where any year is there already it does nothing.
func (b *Block) Seed(ctx context.Context) error {
	note := fmt.Sprintf("data/holidays.csv sha256:%x", sha256.Sum256([]byte(holidaysCSV)))
	ctx = actor.With(ctx, actor.ForSystem("calendar.seed"))
	defer b.forget()
	return b.book.Batch(ctx, "calendar.seed", note, func(ctx context.Context, tx pgx.Tx) (rows int64, err error) {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('calendar.seed', 0))`); err != nil {
			return 0, err
		}
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM calendar.year)`).Scan(&there); err != nil || there {
			return 0, err
		}
		byYear := map[int][]Day{}
		for _, d := range Shipped() {
			byYear[d.Date.Year()] = append(byYear[d.Date.Year()], d)
		}
		now := b.clock.Now()
		for year, days := range byYear {
			id := uuid.Must(uuid.NewV7())
			published := &now
			state, basis := "published", "Thông báo nghỉ lễ, Tết hằng năm"
			if slices.ContainsFunc(days, func(d Day) bool { return d.Status == "computed" }) {
				published, state, basis = nil, "draft", ""
			}
			if _, err := tx.Exec(ctx, `INSERT INTO calendar.year (id, year, version, state, basis, drafted_at, published_at)
				VALUES ($1, $2, 1, $3, $4, $5, $6)`, id, year, state, basis, now, published); err != nil {
				return 0, fmt.Errorf("seeding %d: %w", year, err)
			}
			if err := putDays(ctx, tx, id, days, false); err != nil {
				return 0, err
			}
			rows += int64(len(days)) + 1
		}
		_, err = tx.Exec(ctx, `WITH told AS (UPDATE calendar.revision SET n = n + 1)
			INSERT INTO calendar.hours (agency, use, valid_from, week, basis, set_at)
			SELECT '', use, $1, $2, 'Giờ chung khi chưa có thông báo khác', $3 FROM unnest(ARRAY['counting', 'reception']) AS use`,
			first, weekTexts(Usual), now)
		return rows + 2, err
	})
}
