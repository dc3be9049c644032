package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"datmui/blocks/calendar"
)

// calc runs the program in this process.
func calc(args ...string) (stdout, stderr string, status int) {
	var out, said bytes.Buffer
	status = run(append([]string{"calc"}, args...), &out, &said)
	return out.String(), said.String(), status
}

// One line stands for its command; what is printed is the contract of scripts and must not change.
func TestCalcAnswers(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"deadline --received 2026-09-07T09:15 --limit 3wd --json",
			`{"carry":"2026-09-10T09:15:00+07:00","eod":"2026-09-10T17:00:00+07:00"}`},
		{"deadline --received 2026-09-15T11:40 --limit 4wh --json",
			`{"carry":"2026-09-15T17:00:00+07:00","eod":null}`},
		{"deadline --received 2026-09-12T09:00 --limit 12h --json",
			`{"carry":"2026-09-12T21:00:00+07:00","eod":null}`},
		{"deadline --received 2026-11-23T15:30 --limit same-day --json",
			`{"carry":"2026-11-25T17:00:00+07:00","eod":"2026-11-25T17:00:00+07:00"}`},
		{"deadline --received 2026-08-17T03:00Z --limit 15cd --json", // a zone of its own
			`{"carry":"2026-09-03T10:00:00+07:00","eod":"2026-09-03T17:00:00+07:00"}`},
		{"deadline --received 2026-10-05T08:00 --limit 7wd --pause 2026-10-08T10:00/2026-10-20T15:00 --json",
			`{"carry":"2026-10-26T13:00:00+07:00","eod":"2026-10-27T10:00:00+07:00"}`},
		{"deadline --received 2026-10-05T08:00 --limit 7wd --pause 2026-10-08T10:00/2026-10-20T15:00 --after-pause restart --json",
			`{"carry":"2026-10-29T15:00:00+07:00","eod":"2026-10-29T17:00:00+07:00"}`},
		{"deadline --received 2026-10-05T08:00 --limit 7wd --pause 2026-10-06T08:00/2026-10-06T10:00 --pause 2026-10-08T10:00/ --json",
			`{"carry":null,"eod":null,"stopped":true,"left_minutes":1920}`},
		{"deadline --received 2026-09-07T09:15 --limit 3wd --hours 07:30-11:30,13:30-16:30 --json",
			`{"carry":"2026-09-10T09:15:00+07:00","eod":"2026-09-10T16:30:00+07:00"}`},
		{"deadline --received 2026-09-07T09:15 --limit 3wd",
			"carry 2026-09-10T09:15:00+07:00\neod 2026-09-10T17:00:00+07:00"},
		{"lunar --year 2026 --json", `{"tet":"2026-02-17","hung_kings":"2026-04-26","leap_month":null}`},
		{"lunar --year 2025 --json", `{"tet":"2025-01-29","hung_kings":"2025-04-07","leap_month":6}`},
		{"lunar --year 2030 --zone 8 --json", `{"tet":"2030-02-03","hung_kings":"2030-04-12","leap_month":null}`},
		{"vietqr --bin 970418 --account 1234567890 --amount 8000 --purpose H12.05-261123-0001",
			"00020101021238540010A00000072701240006970418011012345678900208QRIBFTTA5303704540480005802VN62220818H12.05-261123-000163046D33"},
		{"vietqr --json --read 00020101021238540010A00000072701240006970418011012345678900208QRIBFTTA5303704540480005802VN62220818H12.05-261123-000163046D33",
			`{"verdict":"valid","reasons":[],"fields":{"bin":"970418","bank":"BIDV","account":"1234567890","card":false,"static":false,"amount":8000,"purpose":"H12.05-261123-0001","crc":"6D33"}}`},
		{"vietqr --json --read 123", `{"verdict":"invalid","reasons":["structure"],"fields":null}`},
		{"id --kind cccd --set sex=male --set birth=2004 --json 096204123456", `{"verdict":"valid","normalised":"096204123456","reasons":[]}`},
		{"id --kind cccd --set sex=female --set birth=2004-05-31 --json 096204123456", `{"verdict":"warn","normalised":"096204123456","reasons":["sex-differs"]}`},
		{"id --kind mst --json 0100109106-000", `{"verdict":"invalid","normalised":"","reasons":["branch"]}`},
		{"id --kind bhyt --json te1960123456789", `{"verdict":"valid","normalised":"TE1960123456789","reasons":[]}`},
		{"id --kind phone --json -- +84912345678", `{"verdict":"valid","normalised":"+84912345678","reasons":[]}`},
		{"id --kind mst --json -- -1", `{"verdict":"invalid","normalised":"","reasons":["length"]}`},
	} {
		out, said, status := calc(strings.Fields(tt.args)...)
		if strings.TrimSpace(out) != tt.want || said != "" || status != 0 {
			t.Errorf("%s\n got %s%s(%d)\nwant %s", tt.args, out, said, status, tt.want)
		}
	}
}

func TestCalcFeeAnswers(t *testing.T) {
	for args, want := range map[string]any{
		"--procedure 2.000815 --set pages=10 --set copies=2":              24000.0,
		"--procedure 1.003593 --set tonnes=36":                            690000.0,
		"--procedure 1.001193 --set days_after_birth=60":                  0.0,
		"--procedure 1.001193 --set days_after_birth=61":                  nil,
		"--procedure 1.004873":                                            nil,
		"--procedure 3.000347 --set channel=online --set date=2025-12-31": 115000.0,
	} {
		out, said, status := calc(append([]string{"fee", "--json"}, strings.Fields(args)...)...)
		var answer map[string]any
		if err := json.Unmarshal([]byte(out), &answer); err != nil || said != "" || status != 0 {
			t.Fatalf("%s: %s %s %d", args, out, said, status)
		}
		if amount, ok := answer["amount"]; !ok || amount != want || answer["basis"] == "" {
			t.Errorf("%s: %s", args, out)
		}
		if _, ok := answer["lines"].([]any); !ok {
			t.Errorf("%s: lines are no list: %s", args, out)
		}
	}
}

func TestCalcRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "none.csv", "")
	write(t, "columns.csv", "when,limit\n2026-09-07T09:15,3wd\n")
	write(t, "semicolons.csv", "received;limit\n2026-09-07T09:15;3wd\n")
	write(t, "twice.csv", "received,limit,limit\n2026-09-07T09:15,3wd,4wd\n")
	for args, says := range map[string]string{
		"deadline --limit 3wd --json":                                                                "no time",
		"deadline --received 2026-02-30T09:00 --limit 3wd":                                           "no time",
		"deadline --received 2026-09-07T09:15 --limit 3weeks":                                        "no limit",
		"deadline --received 2026-09-07T09:15 --limit 0wd":                                           "no limit",
		"deadline --received 2026-09-07T09:15 --limit=-3wd":                                          "no limit",
		"deadline --received 2026-09-07T09:15 --limit 99999999999wd":                                 "longest",
		"deadline --received 2026-09-07T09:15 --limit 9999wd":                                        "longest",
		"deadline --received 1926-09-07T09:15 --limit 3wd":                                           "outside the calendar",
		"deadline --received 2026-09-07T09:15 --limit 3wd --pause 2026-09-08T09:15":                  "no stretch",
		"deadline --received 2026-09-07T09:15 --limit 3wd --pause 2026-09-09T09:15/2026-09-08T09:15": "ends before",
		"deadline --received 2026-09-07T09:15 --limit 3wd --after-pause rewind":                      "resume or restart",
		"deadline --received 2026-09-07T09:15 --limit 3wd --hours 11:00-07:00":                       "end before",
		"deadline --received 2026-09-07T09:15 --limit 3wd --hours 07:00-11:00,10:00-17:00":           "overlap",
		"deadline --file missing.csv":                                                                "no such file",
		"deadline --file none.csv":                                                                   "header",
		"deadline --file columns.csv":                                                                "received and limit",
		"deadline --file semicolons.csv":                                                             `commas between, not "received;limit"`,
		"deadline --file twice.csv":                                                                  `"limit" twice`,
		"deadline --file none.csv --received 2026-09-07":                                             "--file brings",
		"lunar --json":       "--year",
		"lunar --year +2026": "--year",
		"lunar --year " + strings.Repeat("9", 1000):                   "999…\n",
		"lunar --year 12026":                                          "--year",
		"lunar --year 2026 --zone 9":                                  "--zone",
		"fee --procedure 2.000815 --set pages=-1":                     "whole number",
		"fee --procedure 2.000815 --set pages":                        "name=value",
		"fee --procedure 2.000815 --set pages=1 --set pages=2":        "twice",
		"fee --procedure 2.000815 --set sheets=1":                     "no such name",
		"fee --procedure 2.000815 --set pages=1 --set channel=pigeon": "online, counter or post",
		"fee --procedure 2.000815 --set pages=1 --set subject=king":   "one of none, merit",
		"fee --procedure 1.004359 --set kind=old":                     "one of new, reissue",
		"fee --procedure 1.003593 --set tonnes=1.2345":                "three decimals",
		"fee --procedure 9.000815":                                    "no procedure",
		"fee":                                                         "no procedure",
		"vietqr --bin 97041 --account 1 --amount 1":                   "six digits",
		"vietqr --bin 970418 --account 1 --amount 0":                  "whole đồng",
		"vietqr --bin 970418 --account 1 --amount 1.5":                "whole đồng",
		"vietqr --bin 970418 --account 1 --amount 1 --purpose Phí":    `could be "Phi"`,
		"vietqr --read 1 --bin 970418":                                "--read takes nothing",
		"id --kind passport C123":                                     "--kind must be",
		"id --kind cccd --set age=3 096204123456":                     "there are sex and birth",
		"id --kind cccd --set birth=old 096204123456":                 "a year or a date",
		"id --kind cccd":                                              "expected \"<value>\"",
		"almanac":                                                     "almanac",
	} {
		out, said, status := calc(strings.Fields(args)...)
		if status != 2 || out != "" || !strings.Contains(said, says) {
			t.Errorf("%s: status %d, %q, %q", args, status, out, said)
		}
	}
}

func TestCalcManyDeadlines(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "cases.csv", "\ufeffid,received,limit,pause,after_pause\n"+
		"E1,2026-09-07T09:15,3wd,,\n"+
		"E16,2026-10-05T08:00,7wd,2026-10-08T10:00/2026-10-20T15:00,restart\n"+
		"two,2026-10-05T08:00,7wd,2026-10-08T10:00/2026-10-09T10:00; 2026-10-12T08:00/2026-10-13T08:00,\n")
	out, said, status := calc("deadline", "--file", "cases.csv", "--json")
	if want := `{"row":1,"input":{"after_pause":"","id":"E1","limit":"3wd","pause":"","received":"2026-09-07T09:15"},"carry":"2026-09-10T09:15:00+07:00","eod":"2026-09-10T17:00:00+07:00"}
{"row":2,"input":{"after_pause":"restart","id":"E16","limit":"7wd","pause":"2026-10-08T10:00/2026-10-20T15:00","received":"2026-10-05T08:00"},"carry":"2026-10-29T15:00:00+07:00","eod":"2026-10-29T17:00:00+07:00"}
{"row":3,"input":{"after_pause":"","id":"two","limit":"7wd","pause":"2026-10-08T10:00/2026-10-09T10:00; 2026-10-12T08:00/2026-10-13T08:00","received":"2026-10-05T08:00"},"carry":"2026-10-16T08:00:00+07:00","eod":"2026-10-19T07:00:00+07:00"}
`; out != want || said != "" || status != 0 {
		t.Errorf("status %d, %s\n%s", status, said, out)
	}
	write(t, "bad.csv", "received\n2026-09-07T09:15\nyesterday\n2026-09-08T09:15\n")
	out, said, status = calc("deadline", "--file", "bad.csv", "--limit", "1wd", "--json")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); status != 2 || !strings.Contains(said, "wrong rows: 1") || len(lines) != 3 || !strings.Contains(lines[1], `"error":"received: \"yesterday\"`) || !strings.Contains(lines[2], "2026-09-09T09:15") {
		t.Errorf("status %d, %s\n%s", status, said, out)
	}
	write(t, "odd.csv", "\ufeff\"received\", limit,,\r\n2026-09-07T09:15,1wd,,\r\n2026-09-07T09:15\r\n2026-09-07T09:15,1wd,\xff,\r\n")
	out, said, status = calc("deadline", "--file", "odd.csv", "--json")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); status != 2 || !strings.Contains(said, "wrong rows: 2") || len(lines) != 3 || !strings.Contains(lines[0], "2026-09-08T09:15") || !strings.Contains(lines[1], "names 4 columns") || !strings.Contains(lines[2], "not UTF-8") {
		t.Errorf("status %d, %s\n%s", status, said, out)
	}
}

// A calculation is the same in every folder, whatever the settings of a server are there.
func TestCalcNeedsNoSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "datmui.toml", "listen = = 1")
	t.Setenv("DATMUI_ORIGIN", "nowhere")
	if out, said, status := calc("lunar", "--year", "2026", "--json"); status != 0 || said != "" || !strings.Contains(out, "2026-02-17") {
		t.Errorf("%d %q %q", status, out, said)
	}
}

func TestCalcTellsOfUnannouncedYears(t *testing.T) {
	_, said, status := calc("deadline", "--received", "2026-12-28T09:15", "--limit", "300wd", "--json")
	if status != 0 || strings.Count(said, "\n") != 2 || !strings.Contains(said, "2027 are worked out by rule") || !strings.Contains(said, "no days off of 2028") {
		t.Errorf("%d %q", status, said)
	}
}

// The status a shell sees, of the program as a process.
func TestCalcStatus(t *testing.T) {
	for args, want := range map[string]int{
		"calc lunar --year 2026 --json": 0,
		"calc lunar --year x --json":    2,
		"calc lunar --yaer 2026":        2,
		"calc id --kind cccd 1":         0,
	} {
		cmd := exec.Command(os.Args[0], strings.Fields(args)...)
		cmd.Env = append(os.Environ(), "DATMUI_TEST_PROGRAM=1")
		if _ = cmd.Run(); cmd.ProcessState.ExitCode() != want {
			t.Errorf("%s: status %d, want %d", args, cmd.ProcessState.ExitCode(), want)
		}
	}
}

func FuzzDeadlineRows(f *testing.F) {
	f.Add("received,limit,pause,after_pause,hours\n2026-09-07T09:15,3wd,2026-09-08T09:15/,resume,07:00-11:00\n")
	f.Add("received,limit\n\"2026-09-07T09:15,3wd\n")
	f.Fuzz(func(t *testing.T, s string) {
		var out, notes bytes.Buffer
		q := asker{told: map[int]bool{}, notes: &notes, calendars: map[string]*calendar.Calendar{}}
		if _, err := deadlineRows(strings.NewReader(s), &out, &q, deadlineCase{}); err != nil {
			return
		}
		for line := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
			if line != "" && !json.Valid([]byte(line)) {
				t.Errorf("%q", line)
			}
		}
	})
}
