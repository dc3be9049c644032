package sim

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadPlayers(t *testing.T) {
	const good = `{"sub":"a","personal_id":"096190001234","name":"A","birth":"1990-02-03","level":2}`
	for name, tt := range map[string]struct{ in, want string }{
		"good":            {`[` + good + `]`, ""},
		"empty":           {`[]`, ""},
		"not a list":      {`{}`, "JSON list"},
		"same sub":        {`[` + good + `,` + good + `]`, "player 2: sub"},
		"short id":        {`[` + strings.Replace(good, "096190001234", "0961", 1) + `]`, "12 digits"},
		"no name":         {`[` + strings.Replace(good, `"name":"A"`, `"name":""`, 1) + `]`, "name"},
		"birth":           {`[` + strings.Replace(good, "1990-02-03", "1990-02-31", 1) + `]`, "birth"},
		"level":           {`[` + strings.Replace(good, `"level":2`, `"level":3`, 1) + `]`, "level"},
		"half enterprise": {`[` + strings.Replace(good, `"level":2`, `"level":2,"tax_code":"1"`, 1) + `]`, "go together"},
	} {
		_, err := ReadPlayers(strings.NewReader(tt.in))
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestSavePlayers(t *testing.T) {
	in := []Player{{Sub: "a", PersonalID: "096190001234", Name: "Đỗ Thị Ấu", Birth: "1990-02-03", Level: 2, Listed: true}}
	path := filepath.Join(t.TempDir(), "players.json")
	if err := SavePlayers(path, in); err != nil {
		t.Fatal(err)
	}
	out, err := LoadPlayers(path)
	if err != nil || !slices.Equal(in, out) {
		t.Errorf("%v %v", out, err)
	}
}

func FuzzReadPlayers(f *testing.F) {
	f.Add(`[{"sub":"a","personal_id":"096190001234","name":"A","birth":"1990-02-03","level":2}]`)
	f.Add(`[{}]`)
	f.Fuzz(func(t *testing.T, s string) {
		players, err := ReadPlayers(strings.NewReader(s))
		if err != nil {
			return
		}
		for _, p := range players {
			if len(p.PersonalID) != 12 || len(p.Birth) != 10 || p.Sub == "" {
				t.Errorf("let in %+v", p)
			}
		}
	})
}
