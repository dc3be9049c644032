package pdf

import (
	"bytes"
	"math"
	"strconv"
)

const (
	maxName   = 4096      // bytes of a name
	maxDepth  = 100       // nesting of arrays and dictionaries
	maxValues = 4_000_000 // weight of all values kept; about 16 bytes each
)

// parser reads values from data; budget is shared by all parsers of a file.
type parser struct {
	data   []byte
	pos    int
	budget *int
	dup    bool // a dictionary had the same key twice
}

func space(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func delimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func regular(c byte) bool { return !space(c) && !delimiter(c) }

// skip passes white space and comments.
func (p *parser) skip() {
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case space(c):
			p.pos++
		case c == '%':
			for p.pos < len(p.data) && p.data[p.pos] != '\n' && p.data[p.pos] != '\r' {
				p.pos++
			}
		default:
			return
		}
	}
}

// word takes a run of regular characters after white space.
func (p *parser) word() []byte {
	p.skip()
	from := p.pos
	for p.pos < len(p.data) && regular(p.data[p.pos]) {
		p.pos++
	}
	return p.data[from:p.pos]
}

// keyword takes the word if it comes next.
func (p *parser) keyword(w string) bool {
	at := p.pos
	if string(p.word()) == w {
		return true
	}
	p.pos = at
	return false
}

func (p *parser) integer() (int, bool) {
	at := p.pos
	w := p.word()
	if len(w) == 0 || len(w) > 18 {
		p.pos = at
		return 0, false
	}
	v, err := strconv.Atoi(string(w))
	if err != nil {
		p.pos = at
		return 0, false
	}
	return v, true
}

func (p *parser) spend(n int) error {
	if *p.budget -= n; *p.budget < 0 {
		return ErrLimit
	}
	return nil
}

// object reads one value.
func (p *parser) object(depth int) (Object, error) {
	if depth > maxDepth {
		return nil, ErrLimit
	}
	if err := p.spend(1); err != nil {
		return nil, err
	}
	p.skip()
	if p.pos >= len(p.data) {
		return nil, syntax(p.pos, "end of file")
	}
	switch c := p.data[p.pos]; c {
	case '/':
		return p.name()
	case '(':
		return p.literal()
	case '[':
		p.pos++
		return p.array(depth)
	case '<':
		if p.pos+1 < len(p.data) && p.data[p.pos+1] == '<' {
			p.pos += 2
			return p.dict(depth, nil)
		}
		return p.hex()
	case '>', ')', ']', '{', '}':
		return nil, syntax(p.pos, "unexpected "+string(c))
	}
	at := p.pos
	w := p.word()
	switch string(w) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	n, err := number(w)
	if err != nil {
		return nil, syntax(at, "no value")
	}
	if num, ok := n.(int); ok && num >= 0 && w[0] != '+' { // perhaps a reference
		after := p.pos
		if gen, ok := p.integer(); ok && gen >= 0 && gen <= 65535 && p.keyword("R") {
			return Ref{num, gen}, nil
		}
		p.pos = after
	}
	return n, nil
}

func number(w []byte) (Object, error) {
	for i, c := range w {
		if !(c >= '0' && c <= '9' || c == '.' || i == 0 && (c == '+' || c == '-')) {
			return nil, ErrSyntax
		}
	}
	if bytes.IndexByte(w, '.') < 0 {
		if v, err := strconv.ParseInt(string(w), 10, 64); err == nil {
			return int(v), nil
		} // too large for a whole number: readers take it for a real
	}
	v, err := strconv.ParseFloat(string(w), 64)
	if err != nil || math.IsInf(v, 0) {
		return nil, ErrSyntax
	}
	return v, nil
}

func (p *parser) name() (Object, error) {
	p.pos++
	from := p.pos
	for p.pos < len(p.data) && regular(p.data[p.pos]) {
		p.pos++
	}
	w := p.data[from:p.pos]
	// An escaped byte takes three.
	if len(w) > 3*maxName {
		return nil, ErrLimit
	}
	out := w
	if bytes.IndexByte(w, '#') >= 0 {
		out = unescape(w)
	}
	if len(out) > maxName {
		return nil, ErrLimit
	}
	if err := p.spend(2 + len(out)/16); err != nil {
		return nil, err
	}
	return Name(out), nil
}

// unescape reads the #xx of a name.
func unescape(w []byte) []byte {
	var out []byte
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) && unhex(w[i+1]) >= 0 && unhex(w[i+2]) >= 0 {
			out = append(out, byte(unhex(w[i+1])<<4|unhex(w[i+2])))
			i += 2
			continue
		}
		out = append(out, w[i])
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (p *parser) hex() (Object, error) {
	p.pos++
	end := bytes.IndexByte(p.data[p.pos:], '>')
	if end < 0 {
		p.pos = len(p.data)
		return nil, syntax(p.pos, "open hexadecimal string")
	}
	out := make([]byte, 0, end/2+1)
	high := -1
	for _, c := range p.data[p.pos : p.pos+end] {
		if space(c) {
			continue
		}
		v := unhex(c)
		switch {
		case v < 0:
			return nil, syntax(p.pos, "hexadecimal string")
		case high < 0:
			high = v
		default:
			out = append(out, byte(high<<4|v))
			high = -1
		}
	}
	if high >= 0 {
		out = append(out, byte(high<<4))
	}
	p.pos += end + 1
	return String(out), p.spend(len(out) / 16)
}

func (p *parser) literal() (Object, error) {
	p.pos++
	var out []byte
	for open := 1; p.pos < len(p.data); p.pos++ {
		c := p.data[p.pos]
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				p.pos++
				return String(out), p.spend(len(out) / 16)
			}
		case '\\':
			p.pos++
			if p.pos >= len(p.data) {
				return nil, syntax(p.pos, "open string")
			}
			var kept bool
			if c, kept = p.escape(); !kept {
				continue
			}
		case '\r':
			if p.pos+1 < len(p.data) && p.data[p.pos+1] == '\n' {
				p.pos++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, syntax(p.pos, "open string")
}

// escape reads what follows a backslash and leaves pos on its last byte.
func (p *parser) escape() (c byte, kept bool) {
	switch c = p.data[p.pos]; c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case '\r':
		if p.pos+1 < len(p.data) && p.data[p.pos+1] == '\n' {
			p.pos++
		}
		return 0, false
	case '\n':
		return 0, false
	}
	if c < '0' || c > '7' {
		return c, true
	}
	v := int(c - '0')
	for n := 1; n < 3 && p.pos+1 < len(p.data) && p.data[p.pos+1] >= '0' && p.data[p.pos+1] <= '7'; n++ {
		p.pos++
		v = v<<3 | int(p.data[p.pos]-'0')
	}
	return byte(v), true
}

func (p *parser) array(depth int) (Object, error) {
	out := Array{}
	for {
		p.skip()
		if p.pos < len(p.data) && p.data[p.pos] == ']' {
			p.pos++
			return out, nil
		}
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

// Span is a part of the file.
type Span struct{ From, To int }

// dict reads the rest of a dictionary; spans, when asked for, get the place of each value.
func (p *parser) dict(depth int, spans map[Name]Span) (Object, error) {
	out := Dict{}
	for {
		p.skip()
		if bytes.HasPrefix(p.data[p.pos:], []byte(">>")) {
			p.pos += 2
			return out, nil
		}
		if p.pos >= len(p.data) || p.data[p.pos] != '/' {
			return nil, syntax(p.pos, "dictionary key")
		}
		if err := p.spend(6); err != nil {
			return nil, err
		}
		k, err := p.name()
		if err != nil {
			return nil, err
		}
		p.skip()
		from := p.pos
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		key := k.(Name)
		if _, ok := out[key]; ok {
			p.dup = true
		}
		out[key] = v
		if spans != nil {
			spans[key] = Span{from, p.pos}
		}
	}
}
