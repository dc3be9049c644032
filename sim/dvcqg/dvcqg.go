// Package dvcqg plays the National Public Service Portal as a province's system meets it: tokens,
// file upload with hash, dossiers, their progress and their states, each message in its order. What
// it was told it shows on its pages, and there its faults are switched on: no answer, 502, a message
// refused for its order, a state that is not the province's. It keeps all in memory.
// law: public-services.md 6.3 — steps, fields, enums, statuses.
package dvcqg

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"datmui/kit/clock"
	"datmui/kit/lang"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

//go:embed skin.css
var skin []byte

func init() { lang.Register(texts) }

// Config is for whom the portal is played. There is one client: the province.
type Config struct {
	Client   string      // required: client id of the province here, and ours there
	Secret   string      // required: secret of the province here
	Province string      // where the province hears states; "" for nowhere
	Inbound  string      // our secret there
	Clock    clock.Clock // nil means the machine's clock
}

// tokenLife is how long a token is good.
const tokenLife = 10 * time.Minute

// Portal is the player.
type Portal struct {
	c    Config
	http *http.Client

	mu     sync.Mutex
	tokens map[string]time.Time
	files  map[string]string // IdTepTin → hash
	known  map[string]*dossier
	order  []string // codes, in the order of their first message
	codes  int
	faults faults
	pushed map[string]int64 // sequence of our own states, by code
	log    []string         // what became of our own pushes, newest first
}

// faults are those switched on, each for so many requests.
type faults struct{ bad, hang, order int }

// dossier is what the portal was told of one.
type dossier struct {
	Code     string
	Name     string
	Owner    string
	State    int
	Last     int
	Messages []message
}

// message is one of them.
type message struct {
	At   time.Time
	Seq  int
	Op   string
	Hash [32]byte
	Body string
}

// New returns the player.
func New(c Config) (*Portal, error) {
	if c.Client == "" || c.Secret == "" {
		return nil, errors.New("dvcqg: client and secret must be given")
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	return &Portal{c: c, http: &http.Client{Timeout: 15 * time.Second}, tokens: map[string]time.Time{}, files: map[string]string{}, known: map[string]*dossier{}, pushed: map[string]int64{}}, nil
}

// Handler is the protocol and the pages.
func (p *Portal) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("POST /MaHoSo", p.gate(p.nextCode))
	mux.HandleFunc("POST /TepTin", p.gate(p.file))
	mux.HandleFunc("POST /NoiHoSo", p.gate(p.create))
	mux.HandleFunc("POST /CapNhatTienTrinh", p.gate(p.progress))
	mux.HandleFunc("POST /CapNhatTrangThai", p.gate(p.state))
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("GET /dossier", p.one)
	mux.HandleFunc("POST /faults", p.setFaults)
	mux.HandleFunc("POST /push", p.pushForm)
	mux.HandleFunc("POST /file", p.fileForm)
	mux.HandleFunc("GET /skin.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(skin)
	})
	// forms of the pages come from the pages; programs send no origin
	return http.NewCrossOriginProtection().Handler(headers(mux))
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, code, text string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"MaLoi": code, "ThongBao": text})
}

// token gives a token to who has the secret.
func (p *Portal) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if subtle.ConstantTimeCompare([]byte(id+"\x00"+secret), []byte(p.c.Client+"\x00"+p.c.Secret)) != 1 || r.FormValue("grant_type") != "client_credentials" {
		answer(w, http.StatusUnauthorized, "401", "client")
		return
	}
	raw := make([]byte, 24)
	_, _ = rand.Read(raw)
	token, now := hex.EncodeToString(raw), p.c.Clock.Now()
	p.mu.Lock()
	for t, until := range p.tokens {
		if now.After(until) {
			delete(p.tokens, t)
		}
	}
	p.tokens[token] = now.Add(tokenLife)
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds())})
}

// most is the largest message; files are larger than what is said of them.
const most = 80 << 20

// gate lets in who has a token, and plays the faults that are switched on.
func (p *Portal) gate(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
		if err != nil {
			answer(w, http.StatusBadRequest, "400", "body")
			return
		}
		p.mu.Lock()
		until, ok := p.tokens[token]
		bad, hang := p.faults.bad > 0, p.faults.hang > 0
		switch {
		case !ok || p.c.Clock.Now().After(until):
		case bad:
			p.faults.bad--
		case hang:
			p.faults.hang--
		}
		p.mu.Unlock()
		switch {
		case !ok || p.c.Clock.Now().After(until):
			answer(w, http.StatusUnauthorized, "401", "token")
		case bad:
			answer(w, http.StatusBadGateway, "502", "LGSP")
		case hang: // until who asks has had enough
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
		default:
			next(w, r, body)
		}
	}
}

func (p *Portal) nextCode(w http.ResponseWriter, _ *http.Request, _ []byte) {
	p.mu.Lock()
	p.codes++
	n := p.codes
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"MaLoi": "0", "MaHoSo": fmt.Sprintf("G22.99-%s-%07d", p.c.Clock.Now().In(clock.Vietnam).Format("20060102"), n)})
}

func (p *Portal) file(w http.ResponseWriter, r *http.Request, body []byte) {
	id, hash := r.Header.Get("IdTepTin"), r.Header.Get("HashTepTin")
	if sum := sha256.Sum256(body); id == "" || hex.EncodeToString(sum[:]) != hash {
		answer(w, http.StatusBadRequest, "HASH", "HashTepTin")
		return
	}
	p.mu.Lock()
	p.files[id] = hash
	p.mu.Unlock()
	answer(w, http.StatusOK, "0", "")
}

var stamp = regexp.MustCompile(`^(\d{14})?$`)

// create takes a dossier with its papers; each file must have been uploaded.
func (p *Portal) create(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		MaHoSo, MaTTHC, MaDichVuCong, ChuHoSo, MaDonViTiepNhan, NgayNop, NgayTiepNhan, NgayHenTra string
		LoaiDoiTuong, TrangThai, HinhThucTra                                                      int
		ThanhPhanHoSo                                                                             []struct {
			TenGiayTo        string
			SoLuong, LoaiBan int
			GiayToDinhKem    []struct{ IdTepTin, HashTepTin string }
		}
	}
	if err := json.Unmarshal(body, &in); err != nil || in.MaHoSo == "" || in.MaTTHC == "" || in.ChuHoSo == "" || in.MaDonViTiepNhan == "" || in.NgayNop == "" ||
		!stamp.MatchString(in.NgayNop) || !stamp.MatchString(in.NgayTiepNhan) || !stamp.MatchString(in.NgayHenTra) ||
		in.TrangThai < 1 || in.TrangThai > 10 || in.LoaiDoiTuong < 0 || in.LoaiDoiTuong > 2 {
		answer(w, http.StatusBadRequest, "DU_LIEU", "NoiHoSo")
		return
	}
	p.mu.Lock()
	for _, paper := range in.ThanhPhanHoSo {
		for _, f := range paper.GiayToDinhKem {
			if p.files[f.IdTepTin] != f.HashTepTin || paper.LoaiBan != 2 {
				p.mu.Unlock()
				answer(w, http.StatusBadRequest, "TEP_TIN", f.IdTepTin)
				return
			}
		}
	}
	if p.known[in.MaHoSo] == nil {
		p.known[in.MaHoSo] = &dossier{Code: in.MaHoSo, Name: in.MaTTHC, Owner: in.ChuHoSo}
		p.order = append(p.order, in.MaHoSo)
	}
	p.mu.Unlock()
	p.take(w, r, in.MaHoSo, "NoiHoSo", in.TrangThai, body)
}

func (p *Portal) progress(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct{ MaHoSo, NguoiXuLy, ThoiDiemXuLy, PhongBanXuLy, NoiDungXuLy, NgayBatDau, NgayKetThucTheoQuyDinh string }
	if err := json.Unmarshal(body, &in); err != nil || in.MaHoSo == "" || in.ThoiDiemXuLy == "" || in.NoiDungXuLy == "" || !stamp.MatchString(in.ThoiDiemXuLy) {
		answer(w, http.StatusBadRequest, "DU_LIEU", "CapNhatTienTrinh")
		return
	}
	p.take(w, r, in.MaHoSo, "CapNhatTienTrinh", 0, body)
}

func (p *Portal) state(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		MaHoSo, ThoiDiemXuLy string
		TrangThai            int
	}
	if err := json.Unmarshal(body, &in); err != nil || in.MaHoSo == "" || in.TrangThai < 1 || in.TrangThai > 10 || !stamp.MatchString(in.ThoiDiemXuLy) {
		answer(w, http.StatusBadRequest, "DU_LIEU", "CapNhatTrangThai")
		return
	}
	p.take(w, r, in.MaHoSo, "CapNhatTrangThai", in.TrangThai, body)
}

// take keeps a message in its order: one that it has is confirmed again, one that does not follow the
// last is refused.
func (p *Portal) take(w http.ResponseWriter, r *http.Request, code, op string, state int, body []byte) {
	seq, _ := strconv.Atoi(r.Header.Get("X-Thu-Tu"))
	prev, _ := strconv.Atoi(r.Header.Get("X-Thu-Tu-Truoc"))
	hash := sha256.Sum256(body)
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.known[code]
	if d == nil {
		answer(w, http.StatusNotFound, "KHONG_CO", code)
		return
	}
	if i := slices.IndexFunc(d.Messages, func(m message) bool { return m.Seq == seq }); i >= 0 {
		if d.Messages[i].Op == op {
			answer(w, http.StatusOK, "0", "")
			return
		}
		answer(w, http.StatusBadRequest, "SAI_THU_TU", strconv.Itoa(d.Last))
		return
	}
	if seq <= 0 || prev != d.Last || seq <= d.Last || p.faults.order > 0 {
		if p.faults.order > 0 {
			p.faults.order--
		}
		answer(w, http.StatusBadRequest, "SAI_THU_TU", strconv.Itoa(d.Last))
		return
	}
	d.Last = seq
	if state > 0 {
		d.State = state
	}
	d.Messages = append(d.Messages, message{At: p.c.Clock.Now(), Seq: seq, Op: op, Hash: hash, Body: string(body)})
	answer(w, http.StatusOK, "0", "")
}

// Faults switches faults on for so many of the next requests.
func (p *Portal) Faults(bad, hang, order int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = faults{bad, hang, order}
}

// States lists the states that the portal was told of a dossier, in the order in which they came.
func (p *Portal) States(code string) []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.known[code]
	if d == nil {
		return nil
	}
	var out []int
	for _, m := range d.Messages {
		var s struct{ TrangThai int }
		if m.Op != "CapNhatTienTrinh" && json.Unmarshal([]byte(m.Body), &s) == nil {
			out = append(out, s.TrangThai)
		}
	}
	return out
}

// Messages lists what the portal was told of a dossier, each as its operation and body.
func (p *Portal) Messages(code string) (out [][2]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.known[code]; d != nil {
		for _, m := range d.Messages {
			out = append(out, [2]string{m.Op, m.Body})
		}
	}
	return out
}

// Forget loses all that was told of a dossier.
func (p *Portal) Forget(code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known, code)
	p.order = slices.DeleteFunc(p.order, func(c string) bool { return c == code })
}

// Push tells the province a state, as a ministry's system would. seq 0 takes the next.
func (p *Portal) Push(ctx context.Context, code string, state int, seq int64, note string) (status int, reply string, err error) {
	if p.c.Province == "" {
		return 0, "", errors.New("dvcqg: there is no province to tell")
	}
	p.mu.Lock()
	if seq == 0 {
		p.pushed[code]++
		seq = p.pushed[code]
	}
	p.mu.Unlock()
	body, _ := json.Marshal(map[string]any{"MaHoSo": code, "TrangThai": state, "ThoiDiemXuLy": p.c.Clock.Now().In(clock.Vietnam).Format("20060102150405"), "NoiDungXuLy": note})
	return p.say(ctx, "/CapNhatTrangThai", seq, body, fmt.Sprintf("%s: %d", code, state))
}

// File tells the province of a dossier that was filed at the portal and is worked elsewhere; number
// is the owner's personal number, "" for not said.
func (p *Portal) File(ctx context.Context, procedure, owner, number, unit string) (code string, status int, reply string, err error) {
	if p.c.Province == "" {
		return "", 0, "", errors.New("dvcqg: there is no province to tell")
	}
	now := p.c.Clock.Now().In(clock.Vietnam)
	p.mu.Lock()
	p.codes++
	code = fmt.Sprintf("G22.99-%s-%07d", now.Format("20060102"), p.codes)
	p.pushed[code] = 1
	p.mu.Unlock()
	body, _ := json.Marshal(map[string]any{"MaHoSo": code, "MaTTHC": procedure, "ChuHoSo": owner, "SoDinhDanhChuSoHuu": number, "MaDonViTiepNhan": unit, "NgayNop": now.Format("20060102150405"), "TrangThai": 1, "HinhThucTra": 2})
	status, reply, err = p.say(ctx, "/NoiHoSo", 1, body, code)
	return code, status, reply, err
}

// say sends one message to the province and notes what it answered.
func (p *Portal) say(ctx context.Context, path string, seq int64, body []byte, about string) (status int, reply string, err error) {
	token, err := p.provinceToken(ctx)
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.c.Province+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("X-Thu-Tu", strconv.FormatInt(seq, 10))
	res, err := p.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	p.mu.Lock()
	p.log = append([]string{fmt.Sprintf("%s → %d %s", about, res.StatusCode, strings.TrimSpace(string(raw)))}, p.log[:min(len(p.log), 19)]...)
	p.mu.Unlock()
	return res.StatusCode, string(raw), err
}

func (p *Portal) provinceToken(ctx context.Context) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.c.Province+"/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(p.c.Client, p.c.Inbound)
	res, err := p.http.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&out); err != nil || out.Token == "" {
		return "", fmt.Errorf("dvcqg: the province gives no token: %d", res.StatusCode)
	}
	return out.Token, nil
}
