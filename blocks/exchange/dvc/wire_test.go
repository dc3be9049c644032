package dvc

import (
	"encoding/json"
	"testing"
)

// FuzzDossier: what another system sends is read or refused, and what was read is written so that it
// is read the same.
func FuzzDossier(f *testing.F) {
	f.Add([]byte(`{"MaHoSo":"G09.20-20261123-0000001","NgayNop":"20261123080600","NgayHenTra":"","TrangThai":4}`))
	f.Add([]byte(`{"NgayNop":"99991231235959","ThanhPhanHoSo":[{"GiayToDinhKem":null}]}`))
	f.Add([]byte(`{"NgayNop":5}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var in, again Dossier
		if json.Unmarshal(raw, &in) != nil {
			return
		}
		out, err := json.Marshal(in)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", in, err)
		}
		if err := json.Unmarshal(out, &again); err != nil || !again.NgayNop.Equal(in.NgayNop.Time) || !again.NgayHenTra.Equal(in.NgayHenTra.Time) {
			t.Errorf("%s is read as %+v: %v", out, again, err)
		}
	})
}
