package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

const procedure = "1.004873"

var answers = forms.Answers{
	"requester_name": "Nguyễn Thị Bé", "requester_birth_date": "1990-01-01", "requester_phone": "0912345678",
	"requester_id": "096190000001", "requester_sex": "female", "requester_in_province": "yes", "requester_unit": "32248", "copies": "1",
	"requester_residence": "Ấp Mũi, xã Đất Mũi, tỉnh Cà Mau",
	"relationship":        "self", "subject_name": "Nguyễn Thị Bé", "subject_birth_date": "1990-01-01",
	"subject_sex": "female", "subject_ethnicity": "Kinh", "subject_nationality": "Việt Nam", "subject_residence": "Ấp Mũi, xã Đất Mũi, tỉnh Cà Mau",
	"marital_state": "never", "purpose": "vay-von", "reissue": "no", "return_way": "online", "pledge": "yes",
}

func (s *stage) filing(n int) services.SubmitIn {
	counter := s.counters[n%len(s.counters)]
	return services.SubmitIn{Client: audit.NewClient(), Procedure: procedure, Agency: counter.ID, Unit: counter.UnitCode,
		ReturnWay: "online", Phone: "0912345678", Answers: answers}
}

// submit is one filing by a citizen who is signed in.
func (s *stage) submit(ctx context.Context, n int) (services.SubmitOut, error) {
	c := s.citizens[n%len(s.citizens)]
	who, err := s.site.Identity.Session(ctx, c.token)
	if err != nil {
		return services.SubmitOut{}, err
	}
	return s.site.Services.Submit(actor.With(ctx, who), s.filing(n))
}

// submitAct runs the act in process against its own statements, one by one, in pgbench.
func submitAct(ctx context.Context, s *stage) []Result {
	const name, unit = "submit_act", "filings/s"
	script, err := s.submitScript(ctx, true)
	if err != nil {
		return failed(name, unit, err)
	}
	pairs, err := s.againstPgbench(ctx, script, func(ctx context.Context, n int) error {
		_, err := s.submit(ctx, n)
		return err
	})
	if err != nil {
		return failed(name, unit, err)
	}
	return []Result{paired(name, unit, fmt.Sprintf("16 workers in process, %d bodies, sealing on, sessions from the cache; pgbench -M prepared -c 16 sends what the act sends, statement by statement", len(s.counters)), pairs)}
}

func (s *stage) againstPgbench(ctx context.Context, script string, ours func(ctx context.Context, n int) error) ([]pair, error) {
	var pairs []pair
	for i := range s.pairs + 1 {
		var p pair
		var err error
		if p.ours, err = s.rate(ctx, ours); err != nil {
			return nil, err
		}
		if p.reference, err = s.pgbench(ctx, script); err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "    ours %.0f, reference %.0f, ratio %.2f\n", p.ours, p.reference, p.ours/p.reference)
		if i > 0 { // the first warms both up
			pairs = append(pairs, p)
		}
	}
	return pairs, nil
}

// blanks are the expressions that stand where each filing has values of its own.
type blanks struct {
	id, row       string // of the dossier, and of the rows beside it
	person        string
	counter, body string // receives, decides
	code          string
	hex           string // 32 random hexadecimal digits
	entry         bool   // with the entry of the audit
}

// bodies are where a filing may go, with the prefix of their codes.
type bodies struct{ counters, decide, prefixes []string }

func (s *stage) bodies(ctx context.Context) (b bodies, err error) {
	for i, c := range s.counters {
		d, err := s.submit(ctx, i)
		if err != nil {
			return b, fmt.Errorf("filing once: %w", err)
		}
		decides, err := pg.Value[string](s.db.Owner.Query(ctx, `SELECT competent_agency FROM services.dossier WHERE id = $1`, d.ID))
		if err != nil {
			return b, err
		}
		b.counters, b.decide, b.prefixes = append(b.counters, c.ID), append(b.decide, decides), append(b.prefixes, c.Identifier)
	}
	return b, nil
}

// submitScript writes one real filing as a script for pgbench: the same statements with the same
// values, but for ids, codes and bodies, which it makes new each time. Without entry it leaves the
// audit out.
func (s *stage) submitScript(ctx context.Context, entry bool) (string, error) {
	if err := s.open(ctx); err != nil {
		return "", err
	}
	to, err := s.bodies(ctx)
	if err != nil {
		return "", err
	}
	pick := func(of []string) string { return "(ARRAY['" + strings.Join(of, "','") + "'])[:v_body::int]" }
	// Like the program's ids: the time in front, the same for the whole transaction.
	id := func(digit string) string {
		return "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || lpad(to_hex(:v_rand::bigint), 20, '" + digit + "'))::uuid"
	}
	b := blanks{id: id("7"), row: id("8"), person: "md5('bench-' || :v_person::int)::uuid", counter: pick(to.counters), body: pick(to.decide),
		code: ":v_code", hex: "md5(:v_rand::text)", entry: entry}
	var w strings.Builder
	fmt.Fprintf(&w, "\\set v_body random(1, %d)\n\\set v_person random(1, %d)\n\\set v_rand random(1, 9000000000000000000)\n", len(s.counters), people)
	fmt.Fprintf(&w, "SELECT id, coalesce(personal_id, '') AS personal_id, name, birth_date, coalesce(sex, '') AS sex, coalesce(phone, '') AS phone, coalesce(email, '') AS email, coalesce(residence_unit, '') AS residence_unit, residence, official, citizen, version FROM directory.person WHERE id = %s;\n", b.person)
	fmt.Fprintf(&w, "BEGIN;\nSELECT numbering.daily_code(%s, 'dossier', now()) AS v_code \\gset\n", pick(to.prefixes))
	steps, err := s.rowsOfFiling(ctx, b)
	if err != nil {
		return "", err
	}
	for _, sql := range steps {
		w.WriteString(sql + ";\n")
	}
	w.WriteString("COMMIT;\n")
	path := filepath.Join(s.dir, fmt.Sprintf("submit-%t.sql", entry))
	return path, os.WriteFile(path, []byte(w.String()), 0o644)
}

// rowsOfFiling are the statements by which one filing writes, with the values of a real one.
func (s *stage) rowsOfFiling(ctx context.Context, b blanks) ([]string, error) {
	out, err := s.submit(ctx, 1)
	if err != nil {
		return nil, fmt.Errorf("filing once: %w", err)
	}
	job := fmt.Sprintf("args->>'outgoing' = (SELECT id::text FROM services.outgoing WHERE dossier_id = '%s')", out.ID)
	entry := "name = 'services.dossier.submit' AND subject_id = (SELECT code FROM services.dossier WHERE id = '" + out.ID.String() + "')"
	var steps []string
	for _, step := range []struct {
		table, where string
		set          map[string]string
		only         []string
		tail         string
	}{
		{"services.move", "dossier_id = '" + out.ID.String() + "'", map[string]string{"dossier_id": b.id, "at": "now()", "actor": b.person, "to_agency": b.counter}, nil, ""},
		{"services.dossier", "id = '" + out.ID.String() + "'", map[string]string{"id": b.id, "code": b.code + "::text", "receiving_agency": b.counter, "holder_agency": b.counter,
			"competent_agency": b.body, "applicant": b.person, "owner": b.person, "filed_at": "now()", "updated_at": "now()"}, nil, ""},
		{"worklist.item", "subject = '" + out.ID.String() + "'", map[string]string{"id": b.row, "subject": b.id, "agency": b.counter, "code": b.code + "::text", "started_at": "now()"}, nil,
			` ON CONFLICT (subject, kind, slot) WHERE done_at IS NULL DO UPDATE SET agency = excluded.agency, person = excluded.person, right_key = excluded.right_key,
			what = excluded.what, who = excluded.who, sender = excluded.sender, code = excluded.code, why = excluded.why, step = excluded.step,
			priority = excluded.priority, href = excluded.href, started_at = excluded.started_at, due_at = excluded.due_at`},
		{"services.outgoing", "dossier_id = '" + out.ID.String() + "'", map[string]string{"id": b.row, "dossier_id": b.id, "verify": "upper(" + b.hex + ")", "at": "now()"}, nil, ""},
		{"notify.notice", "href LIKE '%" + out.ID.String() + "'", map[string]string{"id": b.row, "person": b.person, "at": "now()", "next_at": "now()"}, nil, ""},
		{"river_job", job, nil, []string{"args", "kind", "max_attempts", "metadata", "priority", "queue", "scheduled_at", "state", "tags"}, ""},
		{"audit.entry", entry, map[string]string{"at": "now()", "visible_from": "now()", "actor_id": b.person, "persons": "ARRAY[" + b.person + "]", "subject_id": b.code + "::text",
			"salt": "decode(" + b.hex + ", 'hex')", "leaf": "decode(" + b.hex + " || md5(" + b.hex + "), 'hex')"}, nil, ""},
		{"audit.once", "answer->>'ID' = '" + out.ID.String() + "'", map[string]string{"actor": b.person, "client": b.hex, "at": "now()"}, nil, ""},
	} {
		if step.table == "audit.entry" && !b.entry {
			continue
		}
		sql, err := s.insertLike(ctx, step.table, step.where, step.set, step.only)
		if err != nil {
			return nil, err
		}
		steps = append(steps, sql+step.tail)
	}
	return steps, nil
}

// insertLike writes an INSERT with the values of the row at where, but for those in set.
func (s *stage) insertLike(ctx context.Context, table, where string, set map[string]string, only []string) (string, error) {
	type column struct{ Name, Literal string }
	cols, err := pg.All[column](s.db.Owner.Query(ctx, `SELECT attname AS name, format('format(''%%L::%s'', %I::text)', format_type(atttypid, atttypmod), attname) AS literal
		FROM pg_attribute WHERE attrelid = @table::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''
		AND attname NOT IN ('xid') AND (cardinality(@only::text[]) = 0 OR attname = ANY(@only)) ORDER BY attnum`,
		pgx.NamedArgs{"table": table, "only": append([]string{}, only...)}))
	if err != nil {
		return "", err
	}
	var names, values []string
	for _, c := range cols {
		v := set[c.Name]
		if v == "" {
			if v, err = pg.Value[string](s.db.Owner.Query(ctx, "SELECT "+c.Literal+" FROM "+table+" WHERE "+where+" LIMIT 1")); err != nil {
				return "", fmt.Errorf("the value of %s.%s: %w", table, c.Name, err)
			}
		}
		names, values = append(names, c.Name), append(values, v)
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")", nil
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench runs a script with 16 connections for the span and gives its transactions per second.
func (s *stage) pgbench(ctx context.Context, script string) (float64, error) {
	cmd := exec.CommandContext(ctx, "pgbench", "-n", "-M", "prepared", "-c", strconv.Itoa(workers), "-j", "2",
		"-T", strconv.Itoa(int(s.span/time.Second)), "-f", script, s.address())
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, tail(string(out)))
	}
	if !strings.Contains(string(out), "number of failed transactions: 0 ") {
		return 0, fmt.Errorf("pgbench: %s", tail(string(out)))
	}
	m := tps.FindStringSubmatch(string(out))
	if m == nil {
		return 0, fmt.Errorf("pgbench: %s", tail(string(out)))
	}
	return strconv.ParseFloat(m[1], 64)
}

func tail(s string) string {
	s = strings.TrimSpace(s)
	return s[max(0, len(s)-600):]
}
