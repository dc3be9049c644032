package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
)

var secondsForAll = regexp.MustCompile(`([0-9.]+) s/all`)

// signIn has a thousand officials type password and code within one second. The benchmark lies in
// the block, where passwords and codes can be made.
func signIn(ctx context.Context, s *stage) []Result {
	const name, unit = "sign_in", "s"
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "-", "-bench", "SignIn1000", "-benchtime", "1x", "-count", strconv.Itoa(s.pairs), "./blocks/identity")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go test leaves its child running otherwise
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	out, err := cmd.CombinedOutput()
	if err != nil {
		return failed(name, unit, fmt.Errorf("go test: %w: %s", err, tail(string(out))))
	}
	var took []float64
	for _, m := range secondsForAll.FindAllStringSubmatch(string(out), -1) {
		v, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return failed(name, unit, err)
		}
		took = append(took, v)
	}
	if len(took) == 0 {
		return failed(name, unit, fmt.Errorf("go test: %s", tail(string(out))))
	}
	return []Result{alone(name, median(took), unit, fmt.Sprintf("median of %d times until the last of 1,000 officials, who begin within one second, has signed in by password and code", len(took)))}
}
