package site_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/pg"
)

// The same act from several browsers at the same moment, each with a form of its own, happens once;
// who came second is told so, and no page fails.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	p := open(t)
	count := func(query string, args ...any) int64 {
		t.Helper()
		n, err := pg.Value[int64](p.db.Reader.Query(t.Context(), query, args...))
		must(t, err)
		return n
	}
	// race sends each form from a browser of its own and returns how often an answer was of each kind.
	race := func(forms ...[]string) map[int]int {
		t.Helper()
		got := map[int]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, f := range forms {
			b := p.browser(t, f[0])
			wg.Go(func() {
				status := b.try(f[1], append([]string{"client", client()}, f[2:]...)...)
				mu.Lock()
				defer mu.Unlock()
				got[status]++
				if status != http.StatusOK && status != http.StatusConflict && status != http.StatusUnprocessableEntity {
					t.Errorf("%s %s: %d: %s", f[0], f[1], status, b.says())
				}
			})
		}
		wg.Wait()
		return got
	}
	acts := func(id uuid.UUID, name string) int64 {
		return count(`SELECT count(*) FROM audit.entry WHERE name = $1 AND subject_id = $2`, name, p.state(t, id).Code)
	}

	filed := p.submit(t, "congdan").ID
	accept := []string{"canbo.datmui", "/desk/dossiers/" + filed.String() + "/accept"}
	if got := race(accept, accept, accept, accept); got[http.StatusOK] != 1 || acts(filed, "services.dossier.accept") != 1 {
		t.Errorf("accepted %d times, %v", acts(filed, "services.dossier.accept"), got)
	}

	one, two := p.proposed(t), p.proposed(t)
	at := "/desk/dossiers/" + one.String()
	sign := []string{"chutich.datmui", at + "/sign", "pin", pin}
	many := []string{"chutich.datmui", "/desk/signing", "pin", pin, "pick", one.String(), "pick", two.String()}
	race(sign, many, sign, many, []string{"chutich.datmui", at + "/send-back", "reason", "Xem lại"})
	signatures := count(`SELECT count(*) FROM sign.signature WHERE field = 'signature'`)
	d, back := p.state(t, one), acts(one, "services.dossier.send-back")
	if signed := acts(one, "services.dossier.sign"); signed+back != 1 || d.Step != map[int64]string{0: services.StepNumber, 1: services.StepHandle}[back] {
		t.Errorf("signed %d times and sent back %d times, at step %q", signed, back, d.Step)
	}
	if d := p.state(t, two); d.Step != services.StepNumber || signatures != 2-back {
		t.Errorf("the other is at step %q, %d signatures", d.Step, signatures)
	}

	number := []string{"vanthu.datmui", "/desk/dossiers/" + two.String() + "/number"}
	if got := race(number, number, number); got[http.StatusOK] != 1 || acts(two, "services.dossier.number") != 1 {
		t.Errorf("numbered %d times, %v", acts(two, "services.dossier.number"), got)
	}
}
