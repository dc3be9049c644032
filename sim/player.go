package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"
)

// Player is an invented person who can sign in at the played VNeID.
type Player struct {
	Sub        string `json:"sub"`         // lasting id at the provider
	PersonalID string `json:"personal_id"` // 12 digits
	Name       string `json:"name"`
	Birth      string `json:"birth"`                // 2006-01-02
	Level      int    `json:"level"`                // 1 or 2
	About      string `json:"about,omitempty"`      // what this player is good for, said in the list
	Listed     bool   `json:"listed,omitempty"`     // stands in the list; the others are found by personal id
	TaxCode    string `json:"tax_code,omitempty"`   // an enterprise's account when set
	Enterprise string `json:"enterprise,omitempty"` // its name
}

var personalID = regexp.MustCompile(`^[0-9]{12}$`)

// ReadPlayers reads a JSON list of players and refuses one that could not sign in.
func ReadPlayers(r io.Reader) ([]Player, error) {
	var out []Player
	if err := json.NewDecoder(r).Decode(&out); err != nil {
		return nil, fmt.Errorf("players must be a JSON list: %w", err)
	}
	subs := make(map[string]bool, len(out))
	for i, p := range out {
		_, err := time.Parse(time.DateOnly, p.Birth)
		switch {
		case p.Sub == "" || subs[p.Sub]:
			return nil, fmt.Errorf("player %d: sub must be there and unique", i+1)
		case !personalID.MatchString(p.PersonalID):
			return nil, fmt.Errorf("player %d: personal_id must have 12 digits", i+1)
		case p.Name == "":
			return nil, fmt.Errorf("player %d: name is missing", i+1)
		case err != nil:
			return nil, fmt.Errorf("player %d: birth must look like 1990-12-31", i+1)
		case p.Level != 1 && p.Level != 2:
			return nil, fmt.Errorf("player %d: level must be 1 or 2", i+1)
		case (p.TaxCode == "") != (p.Enterprise == ""):
			return nil, fmt.Errorf("player %d: tax_code and enterprise go together", i+1)
		}
		subs[p.Sub] = true
	}
	return out, nil
}

// LoadPlayers reads a file of players.
func LoadPlayers(path string) ([]Player, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadPlayers(f)
}

// SavePlayers writes the file that LoadPlayers reads.
func SavePlayers(path string, players []Player) error {
	b, err := json.Marshal(players)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}
