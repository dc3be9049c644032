package main

import (
	"os"
	"reflect"
	"regexp"
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
