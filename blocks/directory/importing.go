package directory

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// ImportColumns are the columns of a file of people in the order of the sample file: the key of
// each and the headings it is known by.
var ImportColumns = []struct{ Key, Vi, En string }{
	{"name", "Họ và tên", "Full name"},
	{"personal_id", "Số định danh", "Personal number"},
	{"birth_date", "Ngày sinh", "Date of birth"},
	{"sex", "Giới tính", "Sex"},
	{"phone", "Điện thoại", "Phone"},
	{"email", "Email", "E-mail"},
	{"agency", "Mã cơ quan", "Agency"},
	{"position", "Vị trí", "Position"},
	{"title", "Chức danh", "Title"},
	{"from", "Từ ngày", "From"},
	{"basis", "Quyết định", "Decision"},
}

// ImportRow is one line of a file: a person and her post.
type ImportRow struct {
	Line     int // in the file, the heading is 1
	Person   PersonIn
	Agency   string
	Position string
	Title    string
	From     string
	Basis    string
	Known    uuid.UUID    // the record this person already has; zero for a new one
	Faults   fault.Fields // by column key
}

// ImportPreview is what a file would do. Nothing is changed yet.
type ImportPreview struct {
	Draft  uuid.UUID // to be confirmed with Import; zero while there are faults
	File   string
	Rows   []ImportRow
	Faulty int // rows with at least one fault
	New    int // people entered for the first time
}

// PreviewImport reads a file of people and posts and says, row by row, what is wrong with it.
// A file without fault is kept for a day to be confirmed.
func (b *Block) PreviewImport(ctx context.Context, file string, data []byte) (ImportPreview, error) {
	who := actor.From(ctx)
	if !who.MayAnywhere(Manage) && who.Kind != actor.System {
		return ImportPreview{}, fault.Forbidden("directory.manage")
	}
	sheet, err := readSheet(data)
	if err != nil {
		return ImportPreview{}, err
	}
	rows, err := importRows(sheet)
	if err != nil {
		return ImportPreview{}, err
	}
	if err := checkRows(ctx, b.db, who, rows); err != nil {
		return ImportPreview{}, err
	}
	p := preview(file, rows)
	if p.Faulty > 0 {
		return p, nil
	}
	kept, err := json.Marshal(rows)
	if err != nil {
		return ImportPreview{}, fmt.Errorf("keeping the draft: %w", err)
	}
	sum := sha256.Sum256(data)
	p.Draft = uuid.Must(uuid.NewV7())
	now := b.clock.Now()
	err = b.book.Batch(ctx, "directory.import.draft", fmt.Sprintf("sha256 %x", sum), func(ctx context.Context, tx pgx.Tx) (int64, error) {
		if _, err := tx.Exec(ctx, `DELETE FROM directory.import_draft WHERE at < $1`, now.Add(-24*time.Hour)); err != nil {
			return 0, err
		}
		_, err := tx.Exec(ctx, `INSERT INTO directory.import_draft (id, by, at, file, sha256, rows) VALUES ($1, $2, $3, $4, $5, $6)`,
			p.Draft, who.ID, now, file, sum[:], kept)
		return int64(len(rows)), err
	})
	return p, err
}

func preview(file string, rows []ImportRow) ImportPreview {
	p := ImportPreview{File: file, Rows: rows}
	for _, r := range rows {
		if r.Faults.Any() {
			p.Faulty++
		}
		if r.Known == uuid.Nil {
			p.New++
		}
	}
	return p
}

// importRows finds the columns by their headings and reads each line.
func importRows(sheet []sheetRow) ([]ImportRow, error) {
	if len(sheet) < 2 {
		return nil, fault.Fields{"file": "directory.import.empty"}
	}
	at := map[string]int{}
	for i, heading := range sheet[0].cells {
		for _, c := range ImportColumns {
			if h := pg.Fold(heading); h == pg.Fold(c.Vi) || h == pg.Fold(c.En) || h == c.Key {
				if _, twice := at[c.Key]; twice {
					return nil, fault.Fields{"file": "directory.import.column-twice"}
				}
				at[c.Key] = i
			}
		}
	}
	for _, must := range []string{"name", "agency", "position", "from"} {
		if _, ok := at[must]; !ok {
			return nil, fault.Fields{"file": "directory.import.no-column", "column": must}
		}
	}
	var rows []ImportRow
	for _, s := range sheet[1:] {
		line := s.cells
		if strings.Join(line, "") == "" {
			continue
		}
		cell := func(key string) string {
			if i, ok := at[key]; ok && i < len(line) {
				return line[i]
			}
			return ""
		}
		row := ImportRow{Line: s.line, Agency: cell("agency"), Position: cell("position"), Title: cell("title"),
			From: cellDate(cell("from")), Basis: cell("basis"),
			Person: PersonIn{Name: cell("name"), PersonalID: cell("personal_id"), BirthDate: cellDate(cell("birth_date")),
				Sex: sexOf(cell("sex")), Phone: cell("phone"), Email: cell("email")}}
		row.Faults = row.Person.clean()
		if id := row.Person.PersonalID; row.Faults["personal_id"] != "" && (len(id) == 11 || strings.Contains(id, "E+")) {
			row.Faults["personal_id"] = "directory.import.lost-zero" // Excel took it for a number
		}
		required(row.Faults, "agency", row.Agency)
		required(row.Faults, "position", row.Position)
		requiredDay(row.Faults, "from", row.From)
		limited(row.Faults, "title", row.Title, 200)
		limited(row.Faults, "basis", row.Basis, 200)
		for field, text := range map[string]string{"name": row.Person.Name, "title": row.Title, "basis": row.Basis} {
			if len(text) > 1 && strings.ContainsRune("=+-@", rune(text[0])) { // a sheet's formula is nobody's name
				row.Faults[field] = "directory.import.formula"
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fault.Fields{"file": "directory.import.empty"}
	}
	return rows, nil
}

func sexOf(s string) string {
	switch pg.Fold(s) {
	case "nam", "male", "m":
		return "male"
	case "nu", "female", "f":
		return "female"
	}
	return s
}

// checkRows asks the database about all rows at once, and notes faults and known people in them.
func checkRows(ctx context.Context, r pg.Reader, who actor.Actor, rows []ImportRow) error {
	positions, err := pg.All[Position](r.Query(ctx, `SELECT key, rank, name_vi, name_en FROM directory.position`))
	if err != nil {
		return err
	}
	ids, agencies, days := make([]string, len(rows)), make([]string, len(rows)), make([]time.Time, len(rows))
	for i := range rows {
		row := &rows[i]
		at := slices.IndexFunc(positions, func(p Position) bool {
			in := pg.Fold(row.Position)
			return in == p.Key || in == pg.Fold(p.NameVi) || in == pg.Fold(p.NameEn)
		})
		if at >= 0 {
			row.Position = positions[at].Key
		} else {
			row.Faults.Set("position", "unknown")
		}
		ids[i], agencies[i] = row.Person.PersonalID, row.Agency
		days[i], _ = date(row.From)
	}
	there, err := pg.Values[int](r.Query(ctx, `
		SELECT (a.n - 1)::int FROM unnest(@agencies::text[], @days::date[]) WITH ORDINALITY a (id, day, n)
		WHERE EXISTS (SELECT FROM directory.agency_version v
			WHERE v.agency_id = a.id AND v.valid_from <= a.day AND (v.valid_to IS NULL OR v.valid_to > a.day))`,
		pgx.NamedArgs{"agencies": agencies, "days": days}))
	if err != nil {
		return err
	}
	known, err := pg.All[knownPerson](r.Query(ctx, `
		SELECT o.id, o.personal_id, o.name_fold, o.birth_date,
			ARRAY(SELECT p.agency_id || ' ' || p.position FROM directory.post p WHERE p.person_id = o.id AND p.valid_to IS NULL) AS open
		FROM directory.person o WHERE o.personal_id = ANY(@ids)`, pgx.NamedArgs{"ids": ids}))
	if err != nil {
		return err
	}
	powers := map[string][]power{}
	seen, names := map[string]bool{}, map[string]string{}
	for i := range rows {
		row := &rows[i]
		if !slices.Contains(there, i) {
			row.Faults.Set("agency", "directory.agency-not-then")
		}
		if _, ok := powers[row.Position]; !ok {
			if powers[row.Position], err = powersOf(ctx, r, row.Position, days[i]); err != nil {
				return err
			}
		}
		row.match(known)
		if err := mayGrant(who, row.Known, row.Agency, powers[row.Position]); err != nil {
			row.Faults.Set("agency", "directory.not-granted")
		}
		if id := row.Person.PersonalID; id != "" {
			if name := pg.Fold(row.Person.Name); names[id] != "" && names[id] != name {
				row.Faults.Set("personal_id", "directory.import.other-person")
			} else {
				names[id] = name
			}
			if key := id + " " + row.Agency + " " + row.Position; seen[key] {
				row.Faults.Set("personal_id", "directory.import.twice")
			} else {
				seen[key] = true
			}
		}
	}
	return nil
}

type knownPerson struct {
	ID         uuid.UUID
	PersonalID string
	NameFold   string
	BirthDate  *time.Time
	Open       []string // "agency position" of the open posts
}

// match decides whether a row speaks of somebody known: same number, name and day of birth. The
// same number with another name is a fault for a person to settle, never a guess.
func (row *ImportRow) match(known []knownPerson) {
	for _, k := range known {
		if row.Person.PersonalID == "" || k.PersonalID != row.Person.PersonalID {
			continue
		}
		birth := row.Person.birth()
		if k.NameFold != pg.Fold(row.Person.Name) || (birth != nil && k.BirthDate != nil && !birth.Equal(*k.BirthDate)) {
			row.Faults.Set("personal_id", "directory.import.other-person")
			continue
		}
		row.Known = k.ID
		delete(row.Faults, "personal_id")
		if slices.Contains(k.Open, row.Agency+" "+row.Position) {
			row.Faults.Set("position", "directory.post-open")
		}
		return
	}
}

// Import carries out a draft in one act: all of its people and posts or none. It checks again
// what may have changed since the preview.
func (b *Block) Import(ctx context.Context, draft uuid.UUID) (ImportPreview, error) {
	var out ImportPreview
	err := b.book.Act(ctx, "directory.import", func(ctx context.Context, act *audit.Act) error {
		d, err := pg.One[struct {
			File   string
			Sha256 []byte
			Rows   []ImportRow
		}](act.Query(ctx, `SELECT file, sha256, rows FROM directory.import_draft WHERE id = @id AND by = @by FOR UPDATE`,
			pgx.NamedArgs{"id": draft, "by": act.Actor.ID}))
		if err != nil {
			return err
		}
		for i := range d.Rows {
			d.Rows[i].Faults, d.Rows[i].Known = fault.Fields{}, uuid.Nil
		}
		if err := checkRows(ctx, act, act.Actor, d.Rows); err != nil {
			return err
		}
		if out = preview(d.File, d.Rows); out.Faulty > 0 {
			return fault.Conflict("directory.import.changed")
		}
		persons, err := importAll(ctx, act, d.Rows)
		if err != nil {
			return err
		}
		act.About("directory.import", draft, persons...)
		act.Note("sha256", fmt.Sprintf("%x", d.Sha256))
		act.Note("rows", len(d.Rows))
		_, err = act.Exec(ctx, `DELETE FROM directory.import_draft WHERE id = $1`, draft)
		return err
	})
	return out, err
}

// importAll writes the people and posts of rows without fault.
func importAll(ctx context.Context, act *audit.Act, rows []ImportRow) ([]uuid.UUID, error) {
	positions, err := pg.All[Position](act.Query(ctx, `SELECT key, rank, name_vi, name_en FROM directory.position`))
	if err != nil {
		return nil, err
	}
	var people []Person
	byNumber := map[string]uuid.UUID{} // one person with two rows is one person
	posts := make([]Post, len(rows))
	persons := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		id := row.Known
		if id == uuid.Nil {
			id = byNumber[row.Person.PersonalID]
		}
		if id == uuid.Nil {
			in := row.Person
			id = uuid.Must(uuid.NewV7())
			people = append(people, Person{ID: id, PersonalID: in.PersonalID, Name: in.Name, BirthDate: in.birth(), Sex: in.Sex,
				Phone: in.Phone, Email: in.Email, Official: true, Citizen: true})
			if in.PersonalID != "" {
				byNumber[in.PersonalID] = id
			}
		}
		at := slices.IndexFunc(positions, func(p Position) bool { return p.Key == row.Position })
		from, _ := date(row.From)
		posts[i] = Post{ID: uuid.Must(uuid.NewV7()), Person: id, Agency: row.Agency, Position: row.Position,
			Title: row.Title, Rank: positions[at].Rank, ValidFrom: from, Basis: row.Basis}
		if posts[i].Title == "" {
			posts[i].Title = positions[at].NameVi
		}
		persons[i] = id
	}
	if _, err := LoadPeople(ctx, act, dated(people, act.At)); err != nil {
		return nil, err
	}
	if _, err := LoadPosts(ctx, act, posts); err != nil {
		return nil, err
	}
	_, err = act.Exec(ctx, `UPDATE directory.person SET official = true WHERE id = ANY($1) AND NOT official`, persons)
	return persons, err
}

func dated(people []Person, at time.Time) iter.Seq2[Person, time.Time] {
	return func(yield func(Person, time.Time) bool) {
		for _, p := range people {
			if !yield(p, at) {
				return
			}
		}
	}
}
