package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// The documented file names every setting, and what it gives as default is the default.
func TestDocumentedFile(t *testing.T) {
	var plain, fromFile CLI
	parse := func(cli *CLI, options ...kong.Option) *kong.Context {
		t.Helper()
		parser, err := kong.New(cli, options...)
		if err != nil {
			t.Fatal(err)
		}
		c, err := parser.Parse([]string{"serve"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := parse(&plain)
	t.Setenv("DATMUI_CONFIG", "datmui.toml")
	parse(&fromFile, kong.Resolvers(&fileSettings{}))
	if !reflect.DeepEqual(plain.Settings, fromFile.Settings) {
		t.Errorf("the file changes the defaults %+v to %+v", plain.Settings, fromFile.Settings)
	}
	text, err := os.ReadFile("datmui.toml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	if _, err := toml.Decode(regexp.MustCompile(`(?m)^# ([a-z_]+ = )`).ReplaceAllString(string(text), "$1"), &all); err != nil {
		t.Fatal(err)
	}
	for _, flag := range c.Model.Flags {
		if len(flag.Envs) > 0 && all[key(flag)] == nil {
			t.Errorf("the setting %s is not documented", key(flag))
		}
		delete(all, key(flag))
	}
	if len(all) > 0 {
		t.Errorf("the file names settings that do not exist: %v", all)
	}
}

// What names other machines is checked at start; what is missing is named by its setting.
func TestOutsideSettings(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string // the setting that is refused; "" for none
	}{
		"nothing outside":           {nil, ""},
		"mail":                      {[]string{"--smtp=smtp://me@mail.example:587", "--mail-from=Cà Mau <a@b.vn>"}, ""},
		"mail without a sender":     {[]string{"--smtp=smtp://mail.example"}, "DATMUI_MAIL_FROM"},
		"mail over the web":         {[]string{"--smtp=http://mail.example", "--mail-from=a@b.vn"}, "DATMUI_SMTP"},
		"identity":                  {[]string{"--vneid=https://sso.example"}, ""},
		"identity without TLS":      {[]string{"--vneid=http://sso.example"}, "DATMUI_VNEID"},
		"portal":                    {[]string{"--national=https://lgsp.example"}, ""},
		"portal without TLS":        {[]string{"--national=http://lgsp.example"}, "DATMUI_NATIONAL"},
		"portal without its name":   {[]string{"--national-client="}, "DATMUI_NATIONAL_CLIENT"},
		"identity without its name": {[]string{"--vneid-client="}, "DATMUI_VNEID_CLIENT"},
		"scanner":                   {[]string{"--clamd=127.0.0.1:3310"}, ""},
		"scanner's socket":          {[]string{"--clamd=/run/clamav/clamd.ctl"}, ""},
		"files in a bucket":         {[]string{"--files=s3://me@s3.example/camau?region=vn-1"}, ""},
		"files with a password":     {[]string{"--files=s3://me:secret@s3.example/camau"}, "DATMUI_FILES"},
		"files without a bucket":    {[]string{"--files=s3://me@s3.example"}, "DATMUI_FILES"},
		"collector":                 {[]string{"--otlp=http://127.0.0.1:4318"}, ""},
		"collector without http":    {[]string{"--otlp=127.0.0.1:4317"}, "DATMUI_OTLP"},
		"witnesses":                 {[]string{"--witnesses=https://a.example/x,http://127.0.0.1:9/y"}, ""},
		"witness without TLS":       {[]string{"--witnesses=https://a.example,http://b.example"}, "DATMUI_WITNESSES"},
		"witness with a password":   {[]string{"--witnesses=https://me:secret@a.example"}, "DATMUI_WITNESSES"},
		"personal details":          {[]string{"--audit-personal-years=5"}, ""},
		"personal details, before":  {[]string{"--audit-personal-years=-1"}, "DATMUI_AUDIT_PERSONAL_YEARS"},
		"scanner without a port":    {[]string{"--clamd=clamd.example"}, "DATMUI_CLAMD"},
	} {
		t.Run(name, func(t *testing.T) {
			var cli CLI
			parser, err := kong.New(&cli)
			if err != nil {
				t.Fatal(err)
			}
			_, err = parser.Parse(append([]string{"serve"}, tt.args...))
			got := ""
			if e, ok := errors.AsType[settingError](err); ok {
				got = e.name
			} else if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("refused %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

// FuzzSettings: any file gives settings that can be, or a refusal that names one and tells no secret.
func FuzzSettings(f *testing.F) {
	if text, err := os.ReadFile("datmui.toml"); err != nil {
		f.Fatal(err)
	} else {
		f.Add(string(text))
	}
	for _, s := range []string{`listen = 8080`, `origin = "javascript:x"`, "database_url = \"postgres://u:verborgen@\"", `log = ["a"]`, "[data]\nx = 1", `data = {a = 1}`, "listen = '127.0.0.1:99999'", "database_url = verborgen", "\xff"} {
		f.Add(s)
	}
	path := filepath.Join(f.TempDir(), "datmui.toml")
	f.Setenv("DATMUI_CONFIG", path)
	f.Fuzz(func(t *testing.T, s string) {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		var cli CLI
		parser, err := kong.New(&cli, kong.Resolvers(&fileSettings{}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse([]string{"serve"}); err != nil {
			if err.Error() == "" || strings.Contains(err.Error(), "verborgen") {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if err := cli.check(); err != nil {
			t.Errorf("%q was let in: %v", s, err)
		}
	})
}

// A list of the file is a list, as in a variable.
func TestListInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "datmui.toml")
	if err := os.WriteFile(path, []byte(`witnesses = ["https://a.example/x", "https://b.example/y"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATMUI_CONFIG", path)
	var cli CLI
	parser, err := kong.New(&cli, kong.Resolvers(&fileSettings{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve"}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"https://a.example/x", "https://b.example/y"}; !slices.Equal(cli.Witnesses, want) {
		t.Errorf("witnesses %q, want %q", cli.Witnesses, want)
	}
}
