package pg_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// Ids arrive as they were sent, whatever they are sent in and for.
func TestUUIDs(t *testing.T) {
	t.Parallel()
	type row struct {
		One, Pointer uuid.UUID
		Nothing      *uuid.UUID
		Many         []uuid.UUID
		Text, Quoted string
	}
	a, b := uuid.New(), uuid.New()
	got, err := pg.One[row](testkit.DB(t).Reader.Query(t.Context(), `SELECT @a::uuid AS one, @p::uuid AS pointer, @nothing::uuid AS nothing, @many::uuid[] AS many,
		@a2::text AS text, @json::jsonb->>'id' AS quoted`,
		pgx.NamedArgs{"a": a, "p": &b, "nothing": (*uuid.UUID)(nil), "many": []uuid.UUID{a, b}, "a2": a, "json": map[string]any{"id": b}}))
	if err != nil {
		t.Fatal(err)
	}
	if got.One != a || got.Pointer != b || got.Nothing != nil || !slices.Equal(got.Many, []uuid.UUID{a, b}) || got.Text != a.String() || got.Quoted != b.String() {
		t.Errorf("%+v of %s and %s", got, a, b)
	}
}
