package services

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync"
)

// Shipped are the definitions that come with the program: one file for each field of law. A paper
// that many procedures ask for stands once in common.json and is named with "use".
func Shipped() ([]Definition, error) {
	list, err := shipped()
	return slices.Clone(list), err
}

var shipped = sync.OnceValues(readShipped)

const shippedFolder = "definitions/procedures"

func readShipped() ([]Definition, error) {
	var common struct {
		Papers map[string]PaperRule `json:"papers"`
	}
	if err := readStrict("common.json", &common); err != nil {
		return nil, err
	}
	files, err := fs.ReadDir(definitions, shippedFolder)
	if err != nil {
		return nil, err
	}
	var out []Definition
	seen := map[string]bool{}
	for _, f := range files {
		if f.Name() == "common.json" {
			continue
		}
		var list []Definition
		if err := readStrict(f.Name(), &list); err != nil {
			return nil, err
		}
		for _, d := range list {
			d.Version = max(d.Version, 1)
			for i, p := range d.Papers {
				if p.Use == "" {
					continue
				}
				shared, ok := common.Papers[p.Use]
				if !ok {
					return nil, fmt.Errorf("procedure %s: there is no common paper %q", d.Code, p.Use)
				}
				d.Papers[i] = shared
			}
			if seen[d.Code] {
				return nil, fmt.Errorf("procedure %s is there twice", d.Code)
			}
			seen[d.Code] = true
			if err := d.check(); err != nil {
				return nil, fmt.Errorf("procedure %s: %w", d.Code, err)
			}
			out = append(out, d)
		}
	}
	return out, nil
}

func readStrict(name string, into any) error {
	raw, err := definitions.ReadFile(path.Join(shippedFolder, name))
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("reading the shipped procedures, %s: %w", name, err)
	}
	if d.More() {
		return errors.New(name + ": there is more than one value")
	}
	return nil
}
