package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"datmui/kit/testkit"
	"datmui/site"
)

// admin runs `datmui admin …` on a data folder.
func admin(t *testing.T, data string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, said bytes.Buffer
	status = run(append([]string{"admin", "--data", data, "--origin", "https://dichvucong.test"}, args...), &out, &said)
	return out.String(), said.String(), status
}

// The first administrator of an empty province: a link comes out, nobody's password does.
func TestAdmin(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	db, err := site.Open(t.Context(), site.Options{Data: data, Log: testkit.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // the commands work beside it
	if err := site.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Owner.Exec(t.Context(), `
		INSERT INTO directory.unit (code, valid_from, name, short_name, kind, level) VALUES ('96', '2000-01-01', 'Tỉnh Cà Mau', 'Cà Mau', 'tỉnh', 'province');
		INSERT INTO directory.agency VALUES ('ubnd-tinh');
		INSERT INTO directory.agency_version (agency_id, valid_from, name, branch, level, kind, unit_code)
		VALUES ('ubnd-tinh', '2000-01-01', 'UBND tỉnh', 'government', 'province', 'committee', '96')`); err != nil {
		t.Fatal(err)
	}
	create := []string{"create-administrator", "quantri", "--name", "Trần Thị Quản Trị", "--agency", "ubnd-tinh"}
	for _, tt := range []struct {
		args   []string
		status int
		out    string
		said   string
	}{
		{[]string{"list"}, 0, "ACCOUNT", ""},
		{[]string{"reset-link", "quantri"}, 1, "", "there is no such account"},
		{[]string{"create-administrator", "quantri", "--name", "A", "--agency", "nowhere"}, 1, "", "agency"},
		{create, 0, "https://dichvucong.test/sign-in/link/", ""},
		{create, 1, "", "name=taken"},
		{[]string{"list"}, 0, "quantri  Trần Thị Quản Trị", ""},
		{[]string{"list"}, 0, "active, no password yet", ""},
		{[]string{"reset-link", "quantri", "--second"}, 0, "https://dichvucong.test/sign-in/link/", ""},
		{[]string{"unlock", "quantri"}, 0, "forgotten", ""},
		{[]string{"unlock", "nobody"}, 1, "", "there is no such account"},
	} {
		out, said, status := admin(t, data, tt.args...)
		if status != tt.status || !strings.Contains(out, tt.out) || !strings.Contains(said, tt.said) {
			t.Errorf("admin %s: %d\n%s%s", strings.Join(tt.args, " "), status, out, said)
		}
	}
	var people int
	if err := db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM directory.person`).Scan(&people); err != nil || people != 1 {
		t.Errorf("%d persons were entered (%v): a refused command leaves nothing", people, err)
	}
}
