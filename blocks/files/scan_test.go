package files_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"datmui/blocks/files"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// clamd answers as the daemon does and keeps what it was sent.
func clamd(t *testing.T, answer func(data []byte) string) (address string) {
	t.Helper()
	address = filepath.Join(t.TempDir(), "clamd")
	l, err := net.Listen("unix", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				command := make([]byte, len("zINSTREAM\x00"))
				if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
					fmt.Fprint(conn, "UNKNOWN COMMAND\x00")
					return
				}
				var data bytes.Buffer
				for {
					var n uint32
					if err := binary.Read(conn, binary.BigEndian, &n); err != nil || n == 0 {
						break
					}
					io.CopyN(&data, conn, int64(n))
				}
				fmt.Fprint(conn, answer(data.Bytes())+"\x00")
			}()
		}
	}()
	return address
}

func TestScannerDecides(t *testing.T) {
	t.Parallel()
	at := clamd(t, func(data []byte) string {
		if bytes.Contains(data, []byte("EICAR")) {
			return "stream: Eicar-Test-Signature FOUND"
		}
		return "stream: OK"
	})
	b := setup(t, func(c *files.Config) { c.Scanner = files.Clamd{Address: at} })
	large := append(bytes.Clone(pdf), bytes.Repeat([]byte("x"), 200<<10)...)
	held, err := b.Held(as(t, vy), b.send(t, "a.pdf", large))
	if err != nil || held[0].Scan != files.Clean {
		t.Errorf("%+v %v", held, err)
	}
	_, err = b.Receive(as(t, vy), "b.pdf", bytes.NewReader(append(bytes.Clone(large), "EICAR"...)))
	testkit.WantError(t, err, fault.Fields{"file": "files.infected"})
	if n := len(b.blobs(t)); n != 1 {
		t.Errorf("%d files on disk, want the clean one alone", n)
	}
}

func TestScannerAwayHoldsAFileBack(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "nobody")
	s := &switched{files.Clamd{Address: at}}
	b := setup(t, func(c *files.Config) { c.Scanner = s })
	id := b.send(t, "a.pdf", pdf)
	_, err := b.Open(as(t, vy), id)
	testkit.WantError(t, err, fault.Conflict("files.waiting"))
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = b.Open(as(t, vy), id)
	testkit.WantError(t, err, fault.Conflict("files.waiting"))
	s.Scanner = files.Clamd{Address: clamd(t, func([]byte) string { return "stream: OK" })}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := b.Open(as(t, vy), id)
	if err != nil || f.Scan != files.Clean {
		t.Fatal(f.File, err)
	}
	f.Close()
}

type switched struct{ files.Scanner }

func TestClamdAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"stream: OK":                          "clean",
		"stream: Win.Test FOUND":              "Win.Test",
		"stream: FOUND":                       "error",
		"INSTREAM size limit exceeded. ERROR": "error",
		"":                                    "error",
		strings.Repeat("x", 10_000):           "error",
	} {
		v, err := files.Clamd{Address: clamd(t, func([]byte) string { return answer })}.Scan(t.Context(), bytes.NewReader(pdf))
		got := "clean"
		switch {
		case err != nil:
			got = "error"
		case v.Infected:
			got = v.Name
		}
		if got != want {
			t.Errorf("%.40q: %s, %v; want %s", answer, got, err, want)
		}
	}
}

func TestClamdThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	at := clamd(t, func([]byte) string { <-stuck; return "" })
	if _, err := (files.Clamd{Address: at, Timeout: 50 * time.Millisecond}).Scan(t.Context(), bytes.NewReader(pdf)); err == nil {
		t.Error("a scanner that never answers was believed")
	}
}
