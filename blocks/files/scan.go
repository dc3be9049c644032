package files

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Verdict is what a scanner says of a file.
type Verdict struct {
	Infected bool
	Name     string // of what was found
}

// Scanner searches a file for malicious code.
type Scanner interface {
	Scan(ctx context.Context, r io.Reader) (Verdict, error)
}

// ScannerAt returns the scanner a setting names, or none for "".
func ScannerAt(address string) Scanner {
	if address == "" {
		return nil
	}
	return Clamd{Address: address}
}

// Clamd is a scanner that asks a ClamAV daemon by its INSTREAM command.
type Clamd struct {
	Address string        // "host:3310", or the path of a socket
	Timeout time.Duration // for one file; 0 means a minute
}

// Scan sends the file to the daemon. An error means that the file was not judged.
func (c Clamd) Scan(ctx context.Context, r io.Reader) (Verdict, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	network := "tcp"
	if strings.HasPrefix(c.Address, "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, c.Address)
	if err != nil {
		return Verdict{}, fmt.Errorf("reaching the virus scanner: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return Verdict{}, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	w := bufio.NewWriterSize(conn, 64<<10)
	w.WriteString("zINSTREAM\x00") // a bufio.Writer remembers the first error until Flush
	buf := make([]byte, 32<<10)
	var size [4]byte
	for {
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			binary.BigEndian.PutUint32(size[:], uint32(n))
			w.Write(size[:])
			w.Write(buf[:n])
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		} else if err != nil {
			return Verdict{}, err
		}
	}
	w.Write([]byte{0, 0, 0, 0})
	if err := w.Flush(); err != nil {
		return Verdict{}, fmt.Errorf("sending to the virus scanner: %w", err)
	}
	answer, err := io.ReadAll(io.LimitReader(conn, 4096))
	if err != nil {
		return Verdict{}, fmt.Errorf("reading the virus scanner's answer: %w", err)
	}
	return clamdAnswer(string(answer))
}

// clamdAnswer reads "stream: OK" and "stream: NAME FOUND".
func clamdAnswer(s string) (Verdict, error) {
	s = strings.TrimSpace(strings.TrimRight(s, "\x00\n"))
	_, said, ok := strings.Cut(s, ": ")
	switch name, found := strings.CutSuffix(said, " FOUND"); {
	case ok && said == "OK":
		return Verdict{}, nil
	case ok && found && name != "":
		return Verdict{Infected: true, Name: name}, nil
	}
	return Verdict{}, fmt.Errorf("the virus scanner says %.200q", s)
}
