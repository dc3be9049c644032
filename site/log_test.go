package site_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"datmui/blocks/identity"
	"datmui/kit/pg"
	"datmui/site"
)

// lines is all that the program logs, down to debugging.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func withLog(l *lines) func(*site.Options) {
	return func(o *site.Options) {
		o.Log = slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
}

// whisper sends what must not be heard again, where it belongs and where it does not, and returns it.
func (p *province) whisper(t *testing.T) []string {
	t.Helper()
	const password, wrongPIN, typed = "mot mat khau that dai 7319", "731958", "096199731958"
	p.browser(t, "quantri.datmui").get("/accounts?q=" + typed)
	stranger := p.browser(t, "")
	stranger.try("/sign-in", "name", "canbo.datmui", "password", password)
	stranger.try("/sign-in/step/code", "code", wrongPIN)
	stranger.try("/lookup", "code", "H12.05-261123-0001", "fact", typed)
	for _, path := range []string{"/services?q=", "/sign-in?next=/x?number=", "/verify?code=", "/lookup?code=", "/nowhere?number="} {
		stranger.get(path + typed)
	}
	counter := p.browser(t, "canbo.datmui")
	counter.try("/desk/intake/find", "number", typed, "procedure", "1.004873")
	for _, path := range []string{"/find?q=", "/desk?q=", "/desk/dossiers?q=", "/desk/intake?number=", "/directory/people?q=", "/desk/dossiers?after="} {
		counter.get(path + typed)
	}
	p.browser(t, "chutich.datmui").try("/desk/signing", "client", client(), "pin", wrongPIN)
	link, err := p.Identity.ResetLink(p.ctx, "canbo.datmui", false)
	must(t, err)
	_, token, _ := strings.Cut(link.Address, identity.PathLink)
	stranger.get(identity.PathLink + token)
	stranger.try("/sign-in/step/password", "password", password, "repeat", password)
	return []string{password, wrongPIN, typed, token}
}

// keepsQuiet says whether the log holds anything that only its owner may know.
func (p *province) keepsQuiet(t *testing.T, l *lines, secrets []string) {
	t.Helper()
	log := l.String()
	if !strings.Contains(log, `"msg":"request"`) || !strings.Contains(log, "/sign-in/link/") {
		t.Fatal("nothing was logged")
	}
	numbers, err := pg.Values[string](p.db.Reader.Query(t.Context(),
		`SELECT personal_id FROM directory.person WHERE personal_id IS NOT NULL UNION SELECT phone FROM directory.person WHERE phone IS NOT NULL UNION SELECT email FROM directory.person WHERE email IS NOT NULL`))
	if err != nil || len(numbers) == 0 {
		t.Fatalf("%d numbers: %v", len(numbers), err)
	}
	known := map[string]bool{}
	for _, s := range numbers {
		known[s] = true
	}
	for _, word := range regexp.MustCompile(`[+]?[0-9]{9,}|[\w.+-]+@[\w.-]+`).FindAllString(log, -1) {
		if known[word] {
			t.Errorf("the log has %s of a person: %s", word, around(log, word))
		}
	}
	for _, s := range append(secrets, pin) {
		if strings.Contains(log, `"`+s) || strings.Contains(log, "/"+s) || len(s) > 6 && strings.Contains(log, s) {
			t.Errorf("the log has %q: %s", s, around(log, s))
		}
	}
}

func around(log, s string) string {
	i := strings.Index(log, s)
	return log[max(0, i-200):min(len(log), i+200)]
}

// unreadable sends what no text is to every page: no page may fail on it.
func (p *province) unreadable(t *testing.T, x exhibits, cookies []*http.Cookie) {
	t.Helper()
	var addresses []string
	for _, rt := range p.Web.Routes() {
		if path, ok := strings.CutPrefix(rt.Pattern, "GET "); ok && rt.Handle != nil {
			_, good := x.address(t, rt.Pattern)
			for _, bad := range notText {
				addresses = append(addresses, good, regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, bad))
			}
		}
	}
	names := []string{"q", "why", "agency", "after", "state", "at", "unit", "code", "next", "name", "subject", "kind", "who", "in", "sort", "procedure", "number"}
	for i, path := range addresses {
		bad := notText[i/2%len(notText)]
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path+"?"+strings.Join(names, "="+bad+"&")+"="+bad, nil)
		must(t, err)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		must(t, err)
		_ = res.Body.Close()
		if res.StatusCode >= 500 {
			t.Errorf("GET %s with %s: %d", path, bad, res.StatusCode)
		}
	}
}

// notText is what no text is: a NUL, bytes that are no UTF-8, half of a surrogate pair.
var notText = []string{"a%00b", "%ff%fe", "%ed%a0%80"}
