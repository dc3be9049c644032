package main

import (
	"os"

	"datmui/blocks/files/sandbox"
)

// SandboxCmd is the child that looks into one stranger's file. This program starts it; people
// have no use for it.
type SandboxCmd struct{}

func (SandboxCmd) Run() error { return sandbox.Serve(os.Stdin, os.Stdout) }
