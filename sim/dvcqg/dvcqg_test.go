package dvcqg

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"datmui/kit/clock"
)

// stage is a running portal and a client of it.
type stage struct {
	t     *testing.T
	p     *Portal
	url   string
	token string
	clock *clock.Fake
}

func play(t *testing.T) *stage {
	t.Helper()
	c := clock.At(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC))
	p, err := New(Config{Client: "datmui", Secret: "hush", Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(p.Handler())
	t.Cleanup(srv.Close)
	s := &stage{t: t, p: p, url: srv.URL, clock: c}
	if status, body := s.ask("hush"); status == http.StatusOK {
		var out struct {
			Token string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatal(err)
		}
		s.token = out.Token
	}
	return s
}

// ask asks for a token.
func (s *stage) ask(secret string) (int, string) {
	r, _ := http.NewRequest(http.MethodPost, s.url+"/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("datmui", secret)
	return s.do(r)
}

func (s *stage) do(r *http.Request) (int, string) {
	s.t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// send is one message of the contract.
func (s *stage) send(op, body, seq, prev string) int {
	s.t.Helper()
	r, _ := http.NewRequest(http.MethodPost, s.url+"/"+op, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("X-Thu-Tu", seq)
	r.Header.Set("X-Thu-Tu-Truoc", prev)
	status, _ := s.do(r)
	return status
}

const filed = `{"MaHoSo":"H12.94.04-261123-0001","MaTTHC":"1.004873","ChuHoSo":"A","MaDonViTiepNhan":"H12.94.04","NgayNop":"20261123080000","TrangThai":1}`

func state(n string) string {
	return `{"MaHoSo":"H12.94.04-261123-0001","TrangThai":` + n + `,"ThoiDiemXuLy":"20261123090000"}`
}

func TestOrder(t *testing.T) {
	s := play(t)
	for _, step := range []struct {
		what, op, body, seq, prev string
		want                      int
	}{
		{"a state before its dossier", "CapNhatTrangThai", state("2"), "220", "100", 404},
		{"the dossier", "NoiHoSo", filed, "100", "0", 200},
		{"the same again", "NoiHoSo", filed, "100", "0", 200},
		{"a state that does not follow", "CapNhatTrangThai", state("4"), "320", "220", 400},
		{"the next state", "CapNhatTrangThai", state("2"), "220", "100", 200},
		{"a state of the same number as another operation", "CapNhatTienTrinh", `{"MaHoSo":"H12.94.04-261123-0001","ThoiDiemXuLy":"20261123090000","NoiDungXuLy":"x"}`, "220", "100", 400},
		{"an old number", "CapNhatTrangThai", state("4"), "210", "220", 400},
		{"a state that is none", "CapNhatTrangThai", state("11"), "320", "220", 400},
		{"a time with twelve hours", "NoiHoSo", strings.Replace(filed, "20261123080000", "2026-11-23 8:00 pm", 1), "420", "220", 400},
		{"a dossier without its procedure", "NoiHoSo", strings.Replace(filed, "1.004873", "", 1), "420", "220", 400},
		{"the state after", "CapNhatTrangThai", state("4"), "320", "220", 200},
	} {
		if got := s.send(step.op, step.body, step.seq, step.prev); got != step.want {
			t.Errorf("%s: %d, want %d", step.what, got, step.want)
		}
	}
	if got := s.p.States("H12.94.04-261123-0001"); !slices.Equal(got, []int{1, 2, 4}) {
		t.Errorf("%v", got)
	}
}

func TestToken(t *testing.T) {
	s := play(t)
	if status, _ := s.ask("wrong"); status != http.StatusUnauthorized {
		t.Errorf("a wrong secret: %d", status)
	}
	if got := s.send("NoiHoSo", filed, "100", "0"); got != http.StatusOK {
		t.Errorf("with a token: %d", got)
	}
	s.clock.Advance(tokenLife + time.Second)
	if got := s.send("NoiHoSo", filed, "100", "0"); got != http.StatusUnauthorized {
		t.Errorf("with an old token: %d", got)
	}
	s.token = "made up"
	if got := s.send("NoiHoSo", filed, "100", "0"); got != http.StatusUnauthorized {
		t.Errorf("with a token made up: %d", got)
	}
}

// A file counts with its hash only, and a dossier may name only files that were sent.
func TestFile(t *testing.T) {
	s := play(t)
	sum := sha256.Sum256([]byte("giấy"))
	hash := hex.EncodeToString(sum[:])
	upload := func(body, hash string) int {
		r, _ := http.NewRequest(http.MethodPost, s.url+"/TepTin", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+s.token)
		r.Header.Set("IdTepTin", "f1")
		r.Header.Set("HashTepTin", hash)
		status, _ := s.do(r)
		return status
	}
	with := strings.Replace(filed, `"TrangThai":1`, `"TrangThai":1,"ThanhPhanHoSo":[{"TenGiayTo":"x","SoLuong":1,"LoaiBan":2,"GiayToDinhKem":[{"IdTepTin":"f1","HashTepTin":"`+hash+`"}]}]`, 1)
	if got := s.send("NoiHoSo", with, "100", "0"); got != http.StatusBadRequest {
		t.Errorf("with a file that was never sent: %d", got)
	}
	if got := upload("khác", hash); got != http.StatusBadRequest {
		t.Errorf("another content: %d", got)
	}
	if got := upload("giấy", hash); got != http.StatusOK {
		t.Errorf("the file: %d", got)
	}
	if got := s.send("NoiHoSo", with, "100", "0"); got != http.StatusOK {
		t.Errorf("with the file: %d", got)
	}
}

func TestFaultsAndPages(t *testing.T) {
	s := play(t)
	s.p.Faults(2, 0, 0)
	for _, want := range []int{502, 502, 200} {
		if got := s.send("NoiHoSo", filed, "100", "0"); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	s.p.Faults(0, 0, 1)
	if got := s.send("CapNhatTrangThai", state("2"), "220", "100"); got != 400 {
		t.Errorf("refused for its order: %d", got)
	}
	for path, words := range map[string][]string{
		"/":                                   {"đây KHÔNG phải Cổng Dịch vụ công quốc gia", "H12.94.04-261123-0001", "Mới đăng ký"},
		"/?lang=en":                           {"this is NOT the National Public Service Portal", "Newly registered"},
		"/dossier?code=H12.94.04-261123-0001": {"NoiHoSo", "20261123080000"},
	} {
		r, _ := http.NewRequest(http.MethodGet, s.url+path, nil)
		status, body := s.do(r)
		for _, w := range words {
			if status != 200 || !strings.Contains(body, w) {
				t.Errorf("%s (%d) does not say %q", path, status, w)
			}
		}
	}
	r, _ := http.NewRequest(http.MethodGet, s.url+"/dossier?code=x", nil)
	if status, _ := s.do(r); status != 404 {
		t.Errorf("an unknown dossier: %d", status)
	}
}
