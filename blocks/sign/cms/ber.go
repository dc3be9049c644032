package cms

// First takes the first value of b, which may be followed by anything, and its length there.
// Some programs (NSS among them) write indefinite lengths, which DER forbids; those are
// rewritten, so that what is read afterwards is DER.
func First(b []byte) (der []byte, n int, err error) {
	if len(b) < 2 || b[0] != seq {
		return nil, 0, malformed("no sequence")
	}
	if b[1] != 0x80 {
		_, from, to, err := header(b)
		if err != nil || from > to {
			return nil, 0, malformed("length")
		}
		return b[:to], to, nil
	}
	return definite(b, 0)
}

// header reads tag and length: the contents are b[from:to]; to is -1 for an indefinite length.
func header(b []byte) (tag byte, from, to int, err error) {
	if len(b) < 2 || b[0]&0x1F == 0x1F { // no value here has a long tag
		return 0, 0, 0, malformed("tag")
	}
	n, at := int(b[1]), 2
	switch {
	case n == 0x80:
		if b[0]&0x20 == 0 {
			return 0, 0, 0, malformed("length")
		}
		return b[0], 2, -1, nil
	case n > 0x80:
		size := n & 0x7F
		if size > 4 || len(b) < 2+size {
			return 0, 0, 0, malformed("length")
		}
		n, at = 0, 2+size
		for _, x := range b[2:at] {
			n = n<<8 | int(x)
		}
	}
	if n < 0 || n > len(b)-at {
		return 0, 0, 0, malformed("length")
	}
	return b[0], at, at + n, nil
}

const maxNesting = 40

// definite rewrites one value with definite lengths; n is how much of b it took.
func definite(b []byte, depth int) (out []byte, n int, err error) {
	tag, from, to, err := header(b)
	if err != nil {
		return nil, 0, err
	}
	if depth > maxNesting {
		return nil, 0, malformed("nesting")
	}
	if tag&0x20 == 0 {
		return b[:to], to, nil
	}
	open := to < 0
	end := to
	if open {
		end = len(b)
	}
	var parts [][]byte
	at := from
	for {
		if open && end-at >= 2 && b[at] == 0 && b[at+1] == 0 {
			at += 2
			break
		}
		if !open && at == end {
			break
		}
		part, used, err := definite(b[at:end], depth+1)
		if err != nil {
			return nil, 0, err
		}
		if tag == octets|0x20 { // a string in pieces becomes one
			_, f, t, err := header(part)
			if err != nil || part[0] != octets {
				return nil, 0, malformed("string in pieces")
			}
			part = part[f:t]
		}
		parts = append(parts, part)
		at += used
	}
	if tag == octets|0x20 {
		tag = octets
	}
	return tlv(tag, parts...), at, nil
}
