package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// CompletionCmd prints what a shell needs to complete our commands and flags.
type CompletionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish. In bash: source <(datmui completion bash)"`
}

func (c *CompletionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, map[string]string{
		"bash": `complete -o default -C "datmui complete" datmui`,
		"zsh":  "autoload -U +X bashcompinit && bashcompinit\n" + `complete -o default -C "datmui complete" datmui`,
		"fish": "complete -c datmui -a '(COMP_LINE=(commandline -cp) datmui complete)'",
	}[c.Shell])
	return err
}

// CompleteCmd answers the shell: COMP_LINE is what has been typed so far.
type CompleteCmd struct {
	Words []string `arg:"" optional:""`
}

func (c *CompleteCmd) Run(out io.Writer, parser *kong.Kong) error {
	for _, word := range complete(parser.Model.Node, os.Getenv("COMP_LINE")) {
		fmt.Fprintln(out, word)
	}
	return nil
}

// complete lists the words that may stand at the end of line.
func complete(node *kong.Node, line string) []string {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	words = words[1:]
	last := ""
	if !strings.HasSuffix(line, " ") && len(words) > 0 {
		last, words = words[len(words)-1], words[:len(words)-1]
	}
	flags := node.Flags
	for _, word := range words {
		for _, child := range node.Children {
			if child.Name == word {
				node = child
				flags = append(flags[:len(flags):len(flags)], child.Flags...)
				break
			}
		}
	}
	var found []string
	add := func(name string) {
		if strings.HasPrefix(name, last) {
			found = append(found, name)
		}
	}
	if strings.HasPrefix(last, "-") {
		for _, flag := range flags {
			if !flag.Hidden {
				add("--" + flag.Name)
			}
		}
		return found
	}
	for _, child := range node.Children {
		if !child.Hidden {
			add(child.Name)
		}
	}
	return found
}
