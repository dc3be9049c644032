package forms

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Expr is a condition over answers: purpose == "ket-hon" && copies > 1. It knows names, texts in
// double or single quotes, numbers, == != < <= > >= in (…), && || ! and brackets, and can do
// nothing else. A name alone holds when it was answered, and not with "no".
type Expr struct {
	root  node
	names []string
	meant []Meant
}

// Meant is a text that a condition compares an answer with.
type Meant struct{ Name, Value string }

// Names lists the answers the condition looks at, each once, in order of appearance.
func (e Expr) Names() []string { return e.names }

// Meant lists the texts for which the condition asks whether they are the answer.
func (e Expr) Meant() []Meant { return e.meant }

// Holds says whether the condition is true for the answers. A name is looked up in the first
// scope that has it; a comparison with something not answered is false, except !=.
func (e Expr) Holds(scopes ...Answers) bool {
	return e.root == nil || e.root.holds(scopes)
}

type node interface{ holds(scopes []Answers) bool }

type (
	both    struct{ a, b node }
	either  struct{ a, b node }
	not     struct{ a node }
	given   struct{ x operand }
	compare struct {
		op   string
		a, b operand
	}
	among struct {
		a    operand
		list []operand
	}
	operand struct {
		name string // an answer; "" means the constant text
		text string
	}
)

func (n both) holds(s []Answers) bool   { return n.a.holds(s) && n.b.holds(s) }
func (n either) holds(s []Answers) bool { return n.a.holds(s) || n.b.holds(s) }
func (n not) holds(s []Answers) bool    { return !n.a.holds(s) }
func (n given) holds(s []Answers) bool {
	return slices.ContainsFunc(n.x.values(s), func(v string) bool { return v != "" && v != "no" })
}

func (n among) holds(s []Answers) bool {
	return slices.ContainsFunc(n.list, func(x operand) bool { return compare{"==", n.a, x}.holds(s) })
}

func (n compare) holds(s []Answers) bool {
	// An answer with several values equals a text when one of them does.
	for _, a := range n.a.values(s) {
		for _, b := range n.b.values(s) {
			if n.op != "!=" && sides(n.op, a, b) || n.op == "!=" && sides("==", a, b) {
				return n.op != "!="
			}
		}
	}
	return n.op == "!="
}

func sides(op, a, b string) bool {
	if op == "==" && a == b {
		return true
	}
	if a == "" || b == "" {
		return false
	}
	order := cmp.Compare(a, b)
	x, errA := strconv.ParseFloat(a, 64)
	y, errB := strconv.ParseFloat(b, 64)
	if errA == nil && errB == nil {
		order = cmp.Compare(x, y)
	}
	switch op {
	case "==":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (x operand) values(scopes []Answers) []string {
	if x.name == "" {
		return []string{x.text}
	}
	for _, s := range scopes {
		if _, ok := s[x.name]; ok {
			return s.List(x.name)
		}
	}
	return nil
}

// ParseExpr reads a condition; the empty one always holds.
func ParseExpr(s string) (Expr, error) {
	if strings.TrimSpace(s) == "" {
		return Expr{}, nil
	}
	if len(s) > 1000 {
		return Expr{}, fmt.Errorf("condition of %d characters: at most 1000", len(s))
	}
	tokens, err := lex(s)
	if err != nil {
		return Expr{}, fmt.Errorf("condition %q: %w", s, err)
	}
	p := &parser{tokens: tokens}
	root, err := p.or()
	if err == nil && p.at < len(p.tokens) {
		err = fmt.Errorf("%q is too much", p.tokens[p.at].text)
	}
	if err != nil {
		return Expr{}, fmt.Errorf("condition %q: %w", s, err)
	}
	return Expr{root, p.names, p.meant}, nil
}

type token struct {
	kind byte // 'n' name, 't' text, '0' number, 'o' operator or bracket
	text string
}

func lex(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			i++
		case c == '"' || c == '\'':
			end := strings.IndexByte(s[i+1:], c)
			if end < 0 {
				return nil, fmt.Errorf("the text from %q on is not closed", s[i:])
			}
			out = append(out, token{'t', s[i+1 : i+1+end]})
			i += end + 2
		case isNameStart(c):
			j := i + 1
			for j < len(s) && (isNameStart(s[j]) || s[j] >= '0' && s[j] <= '9') {
				j++
			}
			out = append(out, token{'n', s[i:j]})
			i = j
		case c >= '0' && c <= '9' || c == '-' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
			j := i + 1
			for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
				j++
			}
			if _, err := strconv.ParseFloat(s[i:j], 64); err != nil {
				return nil, fmt.Errorf("%q is no number", s[i:j])
			}
			out = append(out, token{'0', s[i:j]})
			i = j
		default:
			op := s[i:min(i+2, len(s))]
			if !slices.Contains([]string{"==", "!=", "<=", ">=", "&&", "||"}, op) {
				op = s[i : i+1]
				if !strings.Contains("<>!(),", op) {
					return nil, fmt.Errorf("%q is not understood", s[i:])
				}
			}
			out = append(out, token{'o', op})
			i += len(op)
		}
	}
	return out, nil
}

func isNameStart(c byte) bool { return c >= 'a' && c <= 'z' || c == '_' }

type parser struct {
	tokens []token
	at     int
	depth  int
	names  []string
	meant  []Meant
}

// means notes a constant that an answer is compared with.
func (p *parser) means(a, b operand) {
	if a.name == "" {
		a, b = b, a
	}
	if a.name != "" && b.name == "" && b.text != "" {
		p.meant = append(p.meant, Meant{a.name, b.text})
	}
}

func (p *parser) take(kind byte, text string) bool {
	if p.at < len(p.tokens) && p.tokens[p.at].kind == kind && p.tokens[p.at].text == text {
		p.at++
		return true
	}
	return false
}

func (p *parser) or() (node, error) {
	a, err := p.and()
	for err == nil && p.take('o', "||") {
		var b node
		b, err = p.and()
		a = either{a, b}
	}
	return a, err
}

func (p *parser) and() (node, error) {
	a, err := p.unary()
	for err == nil && p.take('o', "&&") {
		var b node
		b, err = p.unary()
		a = both{a, b}
	}
	return a, err
}

func (p *parser) unary() (node, error) {
	if p.depth++; p.depth > 50 {
		return nil, fmt.Errorf("nested too deep")
	}
	defer func() { p.depth-- }()
	if p.take('o', "!") {
		a, err := p.unary()
		return not{a}, err
	}
	if p.take('o', "(") {
		a, err := p.or()
		if err == nil && !p.take('o', ")") {
			err = fmt.Errorf("a bracket is not closed")
		}
		return a, err
	}
	a, err := p.operand()
	if err != nil {
		return nil, err
	}
	if p.take('n', "in") {
		return p.among(a)
	}
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if p.take('o', op) {
			b, err := p.operand()
			if op == "==" || op == "!=" {
				p.means(a, b)
			}
			return compare{op, a, b}, err
		}
	}
	if a.name == "" {
		return nil, fmt.Errorf("%q alone says nothing", a.text)
	}
	return given{a}, nil
}

func (p *parser) among(a operand) (node, error) {
	if !p.take('o', "(") {
		return nil, fmt.Errorf("in wants a list in brackets")
	}
	n := among{a: a}
	for {
		x, err := p.operand()
		if err != nil {
			return nil, err
		}
		n.list = append(n.list, x)
		p.means(a, x)
		if p.take('o', ")") {
			return n, nil
		}
		if !p.take('o', ",") {
			return nil, fmt.Errorf("the list is not closed")
		}
	}
}

func (p *parser) operand() (operand, error) {
	if p.at >= len(p.tokens) {
		return operand{}, fmt.Errorf("something is missing at the end")
	}
	t := p.tokens[p.at]
	p.at++
	switch t.kind {
	case 'n':
		if t.text == "in" {
			return operand{}, fmt.Errorf("in stands where a name should")
		}
		if !slices.Contains(p.names, t.text) {
			p.names = append(p.names, t.text)
		}
		return operand{name: t.text}, nil
	case 't', '0':
		return operand{text: t.text}, nil
	}
	return operand{}, fmt.Errorf("%q stands where a name, a text or a number should", t.text)
}
