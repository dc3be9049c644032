package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"datmui/apps/services"
	"datmui/apps/services/find"
)

// SearchCmd finds what the pages find.
type SearchCmd struct {
	Procedures SearchProcedures `cmd:"" help:"Find a procedure by everyday words."`
}

// SearchProcedures ranks the catalogue that comes with the program by what is typed.
type SearchProcedures struct {
	Query []string `arg:"" optional:"" help:"What is looked for, as people type it: without marks, with slips, or the code."`
	Most  int      `default:"20" placeholder:"NUMBER" help:"At most so many, 1 to 3000 (20)."`
	JSON  bool     `name:"json" help:"Print JSON: [{\"code\",\"title\",\"open\"}], the best first; [] where nothing fits. Open: it can be filed here."`
}

// longestQuery is how many letters of a search are read.
const longestQuery = 1000

// Help tells the contract.
func (c *SearchProcedures) Help() string {
	return "The same order as /services and /services.json of a province with the shipped catalogue. " + calcStatus
}

// Run prints what was found.
func (c *SearchProcedures) Run(out io.Writer, k *kong.Kong) error {
	query := strings.Join(c.Query, " ")
	switch {
	case strings.TrimSpace(query) == "":
		return badInput(k, errors.New("say what is looked for: datmui search procedures -- khai sinh cho con"))
	case len([]rune(query)) > longestQuery:
		return badInput(k, fmt.Errorf("what is looked for has %d letters, at most %d are read", len([]rune(query)), longestQuery))
	case c.Most < 1 || c.Most > 3000:
		return badInput(k, fmt.Errorf("--most must be 1 to 3000, not %d", c.Most))
	}
	entries, err := services.ShippedProcedures()
	if err != nil {
		return err
	}
	index, err := find.New(entries)
	if err != nil {
		return err
	}
	found := index.Search(query, c.Most)
	if c.JSON {
		return printJSON(out, found)
	}
	for _, e := range found {
		mark := "-"
		if e.Open {
			mark = "open"
		}
		fmt.Fprintf(out, "%s  %-4s  %s\n", e.Code, mark, e.Title)
	}
	return nil
}
