//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"datmui/demo"
	"datmui/kit/pg"
	"datmui/kit/testkit/browser"
)

// mostActs is how many acts of officials a routine dossier takes at most, from intake to return.
const mostActs = 10

// officer is an official at a desk with a keyboard and no mouse: all she does goes through keys.
// Where the focus goes must be in sight and marked (browser.Tab.TabTo).
type officer struct {
	keys
}

// command types into the command box from wherever she is, and goes where it leads.
func (o officer) command(words string) {
	o.T.Helper()
	o.Key("k", kb.ModifierCtrl)
	o.Until(`document.activeElement?.id === "cmd"`)
	o.Leaves("the command "+words, func() { o.Type(words + kb.Enter) })
}

// act does the next lawful act: n sends it at once or leads into its first question, which do
// answers; Enter in a field sends the form.
func (o officer) act(name string, do func()) {
	o.T.Helper()
	if do == nil {
		o.Leaves(name, func() { o.Stroke("n") })
	} else {
		o.Stroke("n")
		o.Until(fmt.Sprintf(`!!document.activeElement?.matches(%q)`, "#act-"+name+" :is(input:not([type=hidden]), textarea, select)"))
		do()
		o.Leaves(name, func() { o.Key(kb.Enter) })
	}
	o.done(name)
}

// done holds the page after an act to what it says.
func (o officer) done(name string) {
	o.T.Helper()
	if o.There(".errors") || !o.There(".toast[role=status]") {
		o.T.Fatalf("%s is not done: %s", name, o.Says())
	}
}

// tenActs works a routine dossier by keyboard alone: the counter takes it in, the fee is entered,
// the case officer takes it and proposes, the leader signs, the clerk numbers and seals, the cashier
// takes the fee and the counter hands the result over. The log says how many acts it took.
func (p *province) tenActs(t *testing.T) {
	as := func(account string) officer {
		t.Helper()
		b := p.tab(t, account)
		b.Size(1366, 768)
		b.Go("/desk")
		return officer{keys{b}}
	}

	counter := as("canbo.datmui")
	code := counter.intake(p.personal(t, "congdan"), "1.004873", map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "purpose": "vay-von", "unit": "32248"})
	counter.act("set-fee", func() {
		counter.Key("8000")
		counter.write(`#act-set-fee [name=basis]`, "Nghị quyết của Hội đồng nhân dân tỉnh")
	})
	work := as("thuly.datmui")
	work.command(code)
	work.act("take", nil)
	work.act("propose", func() {
		answer(work.Tab, work.keys, "#act-propose form", map[string]string{"outcome": "granted"}, "")
		work.TabTo(`#act-propose form button`)
	})
	leader := as("chutich.datmui")
	leader.command(code)
	leader.Stroke("s") // leads to the PIN
	leader.Until(`document.activeElement?.name === "pin"`)
	leader.Leaves("sign", func() { leader.Key(demo.PIN + kb.Enter) })
	leader.done("sign")
	clerk := as("vanthu.datmui")
	clerk.command(code)
	clerk.act("number", nil)
	cashier := as("thuquy.datmui")
	cashier.command(code)
	cashier.act("cash", func() {})
	counter.command(code)
	counter.act("return", func() { counter.write(`#act-return [name=identity]`, "096196000123") })
	counter.Must("Đã trả kết quả")
	counter.Look("returned by keys")
	acts, err := pg.Values[string](p.db.Reader.Query(p.ctx, `SELECT name FROM audit.entry WHERE subject_id = $1 AND kind = 'act' AND actor_kind = 'official' ORDER BY id`, code))
	if err != nil {
		t.Fatal(err)
	}
	if len(acts) < 8 || len(acts) > mostActs {
		t.Errorf("%d acts: %s", len(acts), strings.Join(acts, ", "))
	}
}

// personal is the personal number of somebody with an account.
func (p *province) personal(t *testing.T, account string) string {
	t.Helper()
	number, err := pg.Value[string](p.db.Reader.Query(p.ctx, `SELECT p.personal_id FROM directory.person p JOIN identity.account a ON a.person_id = p.id WHERE a.name = $1`, account))
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// intake files for who stands at the counter and returns the dossier's code.
func (o officer) intake(personal, procedure string, answers map[string]string) string {
	o.T.Helper()
	o.Leaves("going to the counter", func() { o.Stroke("i") })
	o.Until(`document.activeElement?.name === "number"`)
	o.Key(personal)
	o.pick(`main [name=procedure]`, procedure)
	o.Leaves("finding who stands there", func() { o.press(`main form button:not([name])`) })
	answer(o.Tab, o.keys, "main form[action='/desk/intake']", answers, "")
	o.Leaves("intake", func() { o.press(`main form[action='/desk/intake'] button.btn--big`) })
	o.done("intake")
	return browser.Eval[string](o.Tab, `document.querySelector("main .code").innerText.trim()`)
}
