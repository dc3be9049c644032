//go:build e2e

package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"datmui/demo"
	"datmui/kit/pg"
	"datmui/kit/testkit/browser"
)

// shown are the pictures of the README's tour, and on what they are taken.
var shown = map[string]string{"home": "phone", "question-03": "phone", "status": "phone", "desk-counter": "desk", "dossier-signing": "desk", "verify": "desk", "reads": "phone"}

// shots takes pictures of the product on a phone and on a desk, along one journey.
func (p *province) shots(t *testing.T) {
	sizes := []struct {
		name          string
		width, height int64
	}{{"phone", 390, 844}, {"desk", 1366, 820}}
	take := func(b *browser.Tab, name string) {
		t.Helper()
		for _, s := range sizes {
			b.Size(s.width, s.height)
			b.Do(`document.activeElement?.blur(); scrollTo(0, 0)`)
			b.Until(`[...document.images].filter(i => { const r = i.getBoundingClientRect(); return r.width && r.height && r.top < innerHeight }).every(i => i.complete && i.naturalWidth)`)
			b.Shot(filepath.Join(*shots, fmt.Sprintf("%s-%s.png", name, s.name)))
			if *tour != "" && shown[name] == s.name {
				b.Small(filepath.Join(*tour, name+".webp"))
			}
		}
		b.Size(1366, 820)
	}
	stranger := p.tab(t, "")
	for name, path := range map[string]string{"sign-in": "/sign-in", "demo": "/demo", "services": "/services", "calendar": "/calendar", "lookup": "/lookup"} {
		stranger.Go(path)
		take(stranger, name)
	}
	citizen := p.tab(t, "congdan")
	citizen.Go("/")
	take(citizen, "home")
	citizen.Go("/services/1.004873")
	take(citizen, "start")
	asked := 0
	code := file(citizen, mouse{citizen}, "1.004873", marital, func(b *browser.Tab) {
		asked++
		take(b, fmt.Sprintf("question-%02d", asked))
	})
	take(citizen, "filed")
	id, err := pg.Value[string](p.db.Reader.Query(p.ctx, `SELECT id::text FROM services.dossier WHERE code = $1`, code))
	if err != nil {
		t.Fatal(err)
	}
	at := "/desk/dossiers/" + id
	officer := func(account, name, act string, fill func(b *browser.Tab)) {
		b := p.tab(t, account)
		b.Go("/desk")
		take(b, "desk-"+name)
		b.Go(at)
		take(b, "dossier-"+name)
		if fill != nil {
			fill(b)
		}
		b.Leaves(act, func() { b.Click("#act-" + act + " form button:not([type=button])") })
	}
	officer("canbo.datmui", "fee", "set-fee", func(b *browser.Tab) { setFee(b, mouse{b}) })
	officer("canbo.datmui", "counter", "accept", nil)
	citizen.Go("/dossiers/" + id)
	take(citizen, "status")
	officer("thuly.datmui", "officer", "take", nil)
	officer("thuly.datmui", "proposing", "propose", func(b *browser.Tab) {
		answer(b, mouse{b}, "#act-propose form", map[string]string{"outcome": "granted"}, "")
	})
	officer("chutich.datmui", "signing", "sign", func(b *browser.Tab) { mouse{b}.write("#act-sign [name=pin]", demo.PIN) })
	officer("vanthu.datmui", "clerk", "number", nil)
	officer("thuquy.datmui", "cashier", "cash", nil)
	citizen.Go("/dossiers/" + id)
	take(citizen, "status-result")
	pdf := p.download(t, citizen)
	citizen.Go("/reads")
	take(citizen, "reads")
	citizen.Go("/dossiers")
	take(citizen, "dossiers")
	stranger.Go("/verify")
	take(stranger, "verify-form")
	stranger.Choose("main input[type=file]", pdf)
	stranger.Leaves("verifying", func() { stranger.Click("main form:has(input[type=file]) button") })
	take(stranger, "verify")
	for name, path := range map[string]string{"list": "/desk/dossiers", "intake": "/desk/intake", "directory": "/directory"} {
		b := p.tab(t, "canbo.datmui")
		b.Go(path)
		take(b, name)
	}
}
