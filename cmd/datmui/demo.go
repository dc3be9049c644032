package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"datmui/demo"
	"datmui/kit/clock"
	"datmui/site"
)

// DemoCmd runs the demonstration province. Everybody may sign in there as anybody, so it
// listens to this machine only unless told otherwise.
type DemoCmd struct {
	Scale  int    `default:"1" help:"Multiply citizens and dossiers: 1, 10 or 100 (1). Counts the first time only."`
	Seed   int64  `default:"1" help:"The same seed and day give the same province (1)."`
	AsOf   string `name:"as-of" placeholder:"DATE" help:"The province's today when it is made (today)."`
	Anyone bool   `help:"Listen on an address that others can reach: they may sign in as anybody."`
}

// welcome is said once everything answers.
const welcome = `
Tỉnh trình diễn đã sẵn sàng / the demonstration province is ready:  %[1]s

Thử / try:  %[1]s/demo   chọn một tài khoản / choose an account
  1. congdan: Dịch vụ → Cấp giấy xác nhận tình trạng hôn nhân → nộp / file it in Đất Mũi
  2. canbo.datmui: tiếp nhận / accept   3. thuly.datmui: nhận việc, trình ký / take, submit
  4. chutich.datmui: ký / sign   5. vanthu.datmui: cấp số, đóng dấu / number and seal
  6. congdan: tải kết quả, xác minh / download, verify at %[1]s/verify

Tài khoản / accounts:
`

func (c *DemoCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	if host, _, _ := net.SplitHostPort(s.Listen); !c.Anyone && !loopback(host) {
		return settingError{"DATMUI_LISTEN", fmt.Sprintf("is %q, but in the demonstration anybody may sign in as anybody: use 127.0.0.1:8080, or say --anyone", s.Listen)}
	}
	o := s.options()
	o.Demo, o.Scale, o.Seed = true, c.Scale, c.Seed
	if !slices.Contains([]int{1, 10, 100}, c.Scale) {
		return settingError{"--scale", fmt.Sprintf("is %d, but must be 1, 10 or 100", c.Scale)}
	}
	if c.AsOf != "" {
		day, err := time.ParseInLocation(time.DateOnly, c.AsOf, clock.Vietnam)
		if err != nil {
			return settingError{"--as-of", fmt.Sprintf("is %q, but must be a day like 2026-11-23", c.AsOf)}
		}
		if day.Before(demo.Earliest) || day.After(time.Now()) {
			return settingError{"--as-of", fmt.Sprintf("is %s, but the demonstration knows the days from %s to today", c.AsOf, demo.Earliest.Format(time.DateOnly))}
		}
		o.AsOf = day
	}
	o.Say = func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	o.Ready = func() {
		fmt.Fprintf(out, welcome, s.Origin)
		for _, a := range demo.Named() {
			fmt.Fprintf(out, "  %-20s %s\n", a.Account, a.What)
		}
		fmt.Fprintln(out, "\nMã PIN chữ ký số của lãnh đạo / the leaders' signature PIN: "+demo.PIN+"\nCtrl-C dừng / stops.")
	}
	return site.Run(ctx, o)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
