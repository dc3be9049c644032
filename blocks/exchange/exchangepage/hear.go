package exchangepage

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"datmui/blocks/exchange"
	"datmui/blocks/exchange/dvc"
	"datmui/kit/fault"
	"datmui/kit/web"
)

// The addresses at which another system speaks to us, in the words of the same contract.
const (
	pathToken = "/api/exchange/token"
	pathHear  = "/api/exchange/CapNhatTrangThai"
	pathCopy  = "/api/exchange/NoiHoSo"
)

// PathProvince is what comes before the contract's own paths.
const PathProvince = "/api/exchange"

// tokenLife is how many seconds a token is good.
const tokenLife = 600

func reply(w http.ResponseWriter, r *http.Request, status int, code, text string) error {
	return web.JSON(w, r, status, dvc.Reply{MaLoi: code, ThongBao: text})
}

// sign makes what proves a token: nobody else has the key, and nothing needs to be kept.
func (p *Pages) sign(until string) string {
	mac := hmac.New(sha256.New, p.c.Key)
	mac.Write([]byte("exchange token " + p.c.Client + " " + until))
	return until + "." + hex.EncodeToString(mac.Sum(nil))
}

// token gives a token to the system that has the secret.
func (p *Pages) token(w http.ResponseWriter, r *http.Request) error {
	id, secret, _ := r.BasicAuth()
	if p.c.Secret == "" || !p.c.Exchange.On() || subtle.ConstantTimeCompare([]byte(id+"\x00"+secret), []byte(p.c.Client+"\x00"+p.c.Secret)) != 1 {
		return reply(w, r, http.StatusUnauthorized, "401", "")
	}
	until := strconv.FormatInt(p.c.Clock.Now().Unix()+tokenLife, 10)
	return web.JSON(w, r, http.StatusOK, map[string]any{"access_token": p.sign(until), "token_type": "Bearer", "expires_in": tokenLife})
}

// known says whether a request bears a token of ours that is still good.
func (p *Pages) known(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	until, _, _ := strings.Cut(token, ".")
	end, err := strconv.ParseInt(until, 10, 64)
	return ok && err == nil && p.c.Secret != "" && end >= p.c.Clock.Now().Unix() && hmac.Equal([]byte(token), []byte(p.sign(until)))
}

// hear takes the state that another system says a record has.
func (p *Pages) hear(w http.ResponseWriter, r *http.Request) error {
	return take(p, w, r, func(in dvc.State, seq int64) (exchange.Heard, error) {
		return p.c.Exchange.Hear(r.Context(), exchange.HearIn{Code: in.MaHoSo, Seq: seq, State: in.TrangThai, At: in.ThoiDiemXuLy.Time, Note: in.NoiDungXuLy})
	})
}

// copy takes down a dossier that the other system works.
func (p *Pages) copy(w http.ResponseWriter, r *http.Request) error {
	return take(p, w, r, func(in dvc.Filed, seq int64) (exchange.Heard, error) {
		return p.c.Exchange.Copy(r.Context(), exchange.CopyIn{Code: in.MaHoSo, Procedure: in.MaTTHC, Owner: in.ChuHoSo, Number: in.SoDinhDanhChuSoHuu, Unit: in.MaDonViTiepNhan, Seq: seq, State: in.TrangThai,
			FiledAt: in.NgayNop.Time, DueAt: in.NgayHenTra.Time})
	})
}

// take reads a message of the contract from a system that bears a token, and answers it.
func take[T any](p *Pages, w http.ResponseWriter, r *http.Request, act func(in T, seq int64) (exchange.Heard, error)) error {
	if !p.known(r) {
		return reply(w, r, http.StatusUnauthorized, "401", "")
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return reply(w, r, http.StatusBadRequest, "DU_LIEU", "")
	}
	var in T
	if err := json.Unmarshal(raw, &in); err != nil {
		return reply(w, r, http.StatusBadRequest, "DU_LIEU", "JSON")
	}
	seq, _ := strconv.ParseInt(r.Header.Get(dvc.HeaderSeq), 10, 64) // 0 is refused by the act
	out, err := act(in, seq)
	return answer(w, r, out, err)
}

// answer says in the words of the contract what became of a message.
func answer(w http.ResponseWriter, r *http.Request, out exchange.Heard, err error) error {
	if f, ok := errors.AsType[fault.Fields](err); ok {
		for name := range f {
			return reply(w, r, http.StatusBadRequest, "DU_LIEU", name)
		}
	}
	switch {
	case errors.Is(err, exchange.ErrOurs):
		return reply(w, r, http.StatusForbidden, "TINH_GIAI_QUYET", "")
	case errors.Is(err, exchange.ErrOrder):
		return reply(w, r, http.StatusBadRequest, "SAI_THU_TU", "")
	case fault.KindOf(err) == fault.KindNotFound:
		return reply(w, r, http.StatusNotFound, "KHONG_CO", "")
	case err != nil:
		return err
	case out == exchange.Conflict:
		return reply(w, r, http.StatusOK, "0", "XUNG_DOT")
	}
	return reply(w, r, http.StatusOK, "0", "")
}
