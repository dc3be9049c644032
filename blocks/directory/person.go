package directory

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Person is one natural person, official or citizen or both.
type Person struct {
	ID            uuid.UUID
	PersonalID    string // 12 digits; "" for who has none. Neither a key nor unique
	Name          string // one field, NFC
	BirthDate     *time.Time
	Sex           string // male, female or "" where not known
	Phone         string
	Email         string
	ResidenceUnit string // code as it was when entered
	Residence     string // hamlet, street, number
	Official      bool
	Citizen       bool
	Version       int
}

// AuditPersons says whose record it is.
func (p Person) AuditPersons() []uuid.UUID { return []uuid.UUID{p.ID} }

const personColumns = `id, coalesce(personal_id, '') AS personal_id, name, birth_date, coalesce(sex, '') AS sex,
	coalesce(phone, '') AS phone, coalesce(email, '') AS email, coalesce(residence_unit, '') AS residence_unit,
	residence, official, citizen, version`

// Person opens the whole record; that it was opened is written down first. Everybody may open
// their own; others' only who may look people up. For anybody else it is NotFound.
func (b *Block) Person(ctx context.Context, id uuid.UUID) (Person, error) {
	who := actor.From(ctx)
	if who.ID != id && !mayFind(who) {
		return Person{}, fault.NotFound("person")
	}
	return audit.Read(ctx, b.book, "directory.person", id, func(r pg.Reader) (Person, error) {
		return ReadPerson(ctx, r, id)
	})
}

// ReadPerson reads a person inside another module's act or covered read: the caller accounts for it.
func ReadPerson(ctx context.Context, r pg.Reader, id uuid.UUID) (Person, error) {
	p, err := pg.One[Person](r.Query(ctx, `SELECT `+personColumns+` FROM directory.person WHERE id = @id`,
		pgx.NamedArgs{"id": id}))
	if fault.KindOf(err) == fault.KindNotFound {
		return p, fault.NotFound("person")
	}
	return p, err
}

// SamePerson is the one person who has both the number and the name; nobody (a zero Person) when
// there is none or more than one. It is for acts that bind what was declared to a record; nothing
// of the record is shown.
func SamePerson(ctx context.Context, r pg.Reader, number, name string) (Person, error) {
	list, err := pg.All[Person](r.Query(ctx, `SELECT `+personColumns+` FROM directory.person
		WHERE personal_id = @number AND public.vn_fold(name) = public.vn_fold(@name) LIMIT 2`, pgx.NamedArgs{"number": number, "name": name}))
	if err != nil || len(list) != 1 {
		return Person{}, err
	}
	return list[0], nil
}

// FindPersons looks people up by personal number or phone, as a counter does. The search itself
// is written to the log, with whom it found.
func (b *Block) FindPersons(ctx context.Context, number string) ([]Person, error) {
	if !mayFind(actor.From(ctx)) {
		return nil, fault.Forbidden("directory.find")
	}
	number = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	if len(number) < 8 {
		return nil, fault.Fields{"number": "too-short:8"}
	}
	found, err := pg.All[Person](b.db.Query(ctx, `
		SELECT `+personColumns+` FROM directory.person WHERE personal_id = @number
		UNION SELECT `+personColumns+` FROM directory.person WHERE phone = ANY(@phones)
		ORDER BY name, id LIMIT 20`,
		pgx.NamedArgs{"number": number, "phones": []string{number, "0" + strings.TrimPrefix(number, "+84"), "+84" + strings.TrimPrefix(number, "0")}}))
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	kind := "phone"
	if len(number) == 12 && number[0] != '+' {
		kind = "personal-id"
	}
	if err := b.book.NoteRead(ctx, "directory.find", kind, map[string]any{"found": len(found)}, ids...); err != nil {
		return nil, err
	}
	return found, nil
}

// Colleague is an official in a list: no personal data beyond what the office shows.
type Colleague struct {
	ID     uuid.UUID
	Name   string
	Post   uuid.UUID
	Title  string
	Agency string // id
	Body   string // the agency's name
	Key    string `json:"-"` // order of the list
}

// SearchIn asks for officials.
type SearchIn struct {
	Text   string // words of the name in any order, with or without diacritics
	Agency string // id; "" for all
	After  string // the Next of the page before
	Limit  int    // 0 means 50, at most 200
}

// SearchPage is one page of a search.
type SearchPage struct {
	Rows []Colleague
	Next string // "" on the last page
}

// fewCalled is how many officials of a name are all read and sorted. Where more are called so, the list
// of all is walked in its order until the page is full: the planner, which sees two thousand citizens
// for each official, guesses too few and would sort every Nguyễn for one page.
const fewCalled = 500

// Search lists officials with a post in force on the day, by tên. The last word may be unfinished.
func (b *Block) Search(ctx context.Context, in SearchIn, at time.Time) (SearchPage, error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	words, called := prefixQuery(in.Text), "true"
	var few []uuid.UUID
	if words != "" {
		var err error
		if few, err = pg.Values[uuid.UUID](b.db.Query(ctx, `SELECT id FROM directory.person
			WHERE official AND to_tsvector('simple', name_fold) @@ to_tsquery('simple', $1) LIMIT $2`, words, fewCalled+1)); err != nil || len(few) == 0 {
			return SearchPage{}, err
		}
		called = `o.id = ANY(@few)`
		if len(few) > fewCalled {
			few, called = nil, `(to_tsvector('simple', o.name_fold) @@ to_tsquery('simple', @words)) IS TRUE` // so no word index answers
		}
	}
	key, id := cursor(in.After)
	rows, err := pg.All[Colleague](b.db.Query(ctx, `
		SELECT o.id, o.name, p.id AS post, p.title, p.agency_id AS agency, v.name AS body, directory.name_key(o.name) AS key
		FROM directory.person o
		JOIN LATERAL (
			SELECT id, title, agency_id FROM directory.post p
			WHERE p.person_id = o.id AND p.valid_from <= @day AND (p.valid_to IS NULL OR p.valid_to > @day)
			  AND (@agency = '' OR p.agency_id = @agency)
			ORDER BY p.rank, p.id LIMIT 1) p ON true
		JOIN directory.agency_version v ON v.agency_id = p.agency_id
			AND v.valid_from <= @day AND (v.valid_to IS NULL OR v.valid_to > @day)
		WHERE o.official AND `+called+`
		  AND (directory.name_key(o.name), o.id) > (@key, @id)
		ORDER BY directory.name_key(o.name), o.id
		LIMIT @limit`,
		pgx.NamedArgs{"day": Day(at), "agency": in.Agency, "words": words, "few": few, "key": key, "id": id, "limit": in.Limit + 1}))
	if err != nil {
		return SearchPage{}, err
	}
	var page SearchPage
	if len(rows) > in.Limit {
		last := rows[in.Limit-1]
		page.Next = base64.RawURLEncoding.EncodeToString([]byte(last.ID.String() + last.Key))
		rows = rows[:in.Limit]
	}
	page.Rows = rows
	return page, nil
}

// prefixQuery makes "nguyễn văn a" into a query in which every word may be the start of one.
func prefixQuery(text string) string {
	words := pg.Words(text)
	for i, w := range words {
		words[i] = "'" + w + "':*"
	}
	return strings.Join(words, " & ")
}

// cursor reads the Next of a page; a bad one starts from the beginning.
func cursor(s string) (string, uuid.UUID) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) < 36 {
		return "", uuid.Nil
	}
	id, err := uuid.ParseBytes(raw[:36])
	if err != nil {
		return "", uuid.Nil
	}
	return strings.ToValidUTF8(strings.ReplaceAll(string(raw[36:]), "\x00", ""), ""), id
}

// FindByName lists people whose full name begins with the text, diacritics or not: for a counter
// that has neither number nor phone. The rows show no personal number.
func (b *Block) FindByName(ctx context.Context, start string, limit int) ([]Person, error) {
	if !mayFind(actor.From(ctx)) {
		return nil, fault.Forbidden("directory.find")
	}
	if len([]rune(strings.TrimSpace(start))) < 3 {
		return nil, fault.Fields{"name": "too-short:3"}
	}
	found, err := pg.All[Person](b.db.Query(ctx, `
		SELECT `+personColumns+` FROM directory.person
		WHERE name_fold LIKE regexp_replace(public.vn_fold(@start), '([\\%_])', '\\\1', 'g') || '%'
		ORDER BY name_fold USING ~<~, id LIMIT @limit`,
		pgx.NamedArgs{"start": strings.TrimSpace(start), "limit": min(max(limit, 1), 100)}))
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].PersonalID = "" // rows of a list show no number
	}
	return found, nil
}
