package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mark lies in every data folder, so that no other folder is ever taken for one.
const mark = "datmui-data.txt"

// claimFolder makes the data folder, or makes sure that an existing one is ours or empty.
func claimFolder(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("the data folder %s cannot be made (%w): choose another in DATMUI_DATA", dir, err)
		}
	case err != nil:
		return fmt.Errorf("the data folder %s cannot be read (%w): choose another in DATMUI_DATA", dir, err)
	}
	for _, e := range entries {
		if e.Name() == mark {
			return nil
		}
	}
	if len(entries) > 0 {
		return fmt.Errorf("the folder %s holds other things (%s): choose an empty or new one in DATMUI_DATA", dir, entries[0].Name())
	}
	text := "Database, files and secrets of Đất Mũi. Back up with `datmui backup`, not by copying while it runs.\n"
	if err := os.WriteFile(filepath.Join(dir, mark), []byte(text), 0o644); err != nil {
		return fmt.Errorf("nothing can be written to the data folder %s (%w): choose another in DATMUI_DATA", dir, err)
	}
	return nil
}
