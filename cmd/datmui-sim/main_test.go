package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"datmui/sim"
)

// TestMain lets the test binary be the program itself.
func TestMain(m *testing.M) {
	if os.Getenv("DATMUI_SIM_BE") == "program" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// prepare writes what the player needs and picks a free address.
func prepare(t *testing.T) sim.VNeID {
	t.Helper()
	t.Setenv("DATMUI_SIM_BE", "program")
	dir := t.TempDir()
	players, secret := filepath.Join(dir, "players.json"), filepath.Join(dir, "secret")
	if err := sim.SavePlayers(players, []sim.Player{{Sub: "a", PersonalID: "096190001234", Name: "A", Birth: "1990-02-03", Level: 2}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return sim.VNeID{Program: os.Args[0], Listen: l.Addr().String(), Players: players, Client: "datmui", SecretFile: secret,
		Redirect: "http://localhost:8080/sign-in/vneid/callback"}
}

func start(t *testing.T, v sim.VNeID) (*exec.Cmd, io.Closer, *bytes.Buffer) {
	t.Helper()
	cmd, in, err := v.Command(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, in, &said
}

// The player answers, and ends by itself when its parent is gone.
func TestWithParent(t *testing.T) {
	v := prepare(t)
	cmd, in, said := start(t, v)
	var res *http.Response
	var err error
	for range 300 {
		if res, err = http.Get("http://" + v.Listen + "/.well-known/openid-configuration"); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err, said)
	}
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if !strings.Contains(string(b), `"issuer":"http://`+v.Listen+`"`) {
		t.Errorf("%d %s", res.StatusCode, b)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err, said)
	}
}

func TestTakenPort(t *testing.T) {
	v := prepare(t)
	l, err := net.Listen("tcp", v.Listen)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd, in, said := start(t, v)
	defer in.Close()
	if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "another program listens on "+v.Listen) {
		t.Errorf("%v: %s", err, said)
	}
}
