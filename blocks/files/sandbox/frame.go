package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"

	"datmui/blocks/files"
)

// task is what a child is asked; the file follows as the frame's body.
type task struct {
	Do    string `json:"do"` // "look", "page" or "warm"
	MIME  string `json:"mime"`
	Page  int    `json:"page"`
	Width int    `json:"width"`
	Cache string `json:"cache"` // folder of the compiled PDFium
}

// answer is what a child says; a picture follows as the frame's body.
type answer struct {
	Broken string `json:"broken"` // why the file will not do; "" when it does
	Fault  string `json:"fault"`  // why the child could not tell
	Pages  int    `json:"pages"`

	Flaws []files.Flaw `json:"flaws"`
}

var errFrame = errors.New("sandbox: a frame that cannot be")

// writeFrame writes a head as JSON and a body, each after its length.
func writeFrame(w io.Writer, head any, body []byte) error {
	h, err := json.Marshal(head)
	if err != nil {
		return err
	}
	var sizes [8]byte
	binary.BigEndian.PutUint32(sizes[:], uint32(len(h)))
	binary.BigEndian.PutUint32(sizes[4:], uint32(len(body)))
	for _, b := range [][]byte{sizes[:], h, body} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// readFrame reads what writeFrame wrote, believing no length above most.
func readFrame(r io.Reader, head any, most uint32) ([]byte, error) {
	var sizes [8]byte
	if _, err := io.ReadFull(r, sizes[:]); err != nil {
		return nil, err
	}
	hs, bs := binary.BigEndian.Uint32(sizes[:]), binary.BigEndian.Uint32(sizes[4:])
	if hs > 64<<10 || bs > most {
		return nil, errFrame
	}
	h := make([]byte, hs)
	if _, err := io.ReadFull(r, h); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(h, head); err != nil {
		return nil, errFrame
	}
	// read as it comes: a length that lies must not cost its memory
	body, err := io.ReadAll(io.LimitReader(r, int64(bs)))
	if err == nil && len(body) != int(bs) {
		err = io.ErrUnexpectedEOF
	}
	return body, err
}
