package pg

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version whose SQL we rely on.
const oldest = 15

// ErrNoServer says that this machine has no PostgreSQL we could start; its text names the ways out.
var ErrNoServer = errors.New("no PostgreSQL 15 or newer was found: " +
	"install it (apt-get install postgresql) or fetch it without root rights (make postgres), " +
	"or name one of your own in DATMUI_DATABASE_URL")

// binaries is a folder with postgres and initdb of one version.
type binaries struct {
	dir   string
	major int
}

// findBinaries looks for server programs: DATMUI_PG_BIN, the PATH, the folders of the
// distributions, and what `make postgres` fetched. major 0 takes the first that is new
// enough; otherwise the version must be that one, because a cluster opens with no other.
func findBinaries(major int) (binaries, error) {
	if dir := os.Getenv("DATMUI_PG_BIN"); dir != "" {
		b, err := inspect(dir)
		if err != nil {
			return b, fmt.Errorf("DATMUI_PG_BIN must be a folder with postgres and initdb, such as /usr/lib/postgresql/15/bin: %w", err)
		}
		if b.major < oldest {
			return b, fmt.Errorf("DATMUI_PG_BIN: %s is PostgreSQL %d, and %d or newer is needed", dir, b.major, oldest)
		}
		if major != 0 && b.major != major {
			return b, fmt.Errorf("the data was made by PostgreSQL %d, but DATMUI_PG_BIN is PostgreSQL %d", major, b.major)
		}
		return b, nil
	}
	var seen []string
	for _, dir := range candidates() {
		b, err := inspect(dir)
		if err != nil || b.major < oldest {
			continue
		}
		if major == 0 || b.major == major {
			return b, nil
		}
		seen = append(seen, fmt.Sprintf("%d in %s", b.major, dir))
	}
	if len(seen) > 0 {
		return binaries{}, fmt.Errorf("the data was made by PostgreSQL %d, but this machine has only %s: install version %d",
			major, strings.Join(seen, ", "), major)
	}
	return binaries{}, ErrNoServer
}

// Installed names the PostgreSQL that a new private server would use.
func Installed() (string, error) {
	b, err := findBinaries(0)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("PostgreSQL %d in %s", b.major, b.dir), nil
}

// distributions are the folders of Debian's and Red Hat's packages, one for each version.
var distributions = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"}

var places = distributions // a test looks elsewhere

func candidates() []string {
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil { // the link's own folder lacks lib and share
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	for _, pattern := range places {
		found, _ := filepath.Glob(pattern)
		slices.SortFunc(found, func(a, b string) int { return cmp.Compare(number(b), number(a)) })
		dirs = append(dirs, found...)
	}
	const fetched = ".cache/pg/native/bin"
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Join(filepath.Dir(exe), "..", fetched))
	}
	if wd, err := os.Getwd(); err == nil { // tests run in their package's folder
		for dir := wd; ; dir = filepath.Dir(dir) {
			dirs = append(dirs, filepath.Join(dir, fetched))
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return dirs
}

var digits = regexp.MustCompile(`\d+`)

func number(path string) int {
	n, _ := strconv.Atoi(digits.FindString(path))
	return n
}

func inspect(dir string) (binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return binaries{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, err
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("asking %s for its version: %w", dir, err)
	}
	_, version, _ := strings.Cut(string(out), ")") // postgres (PostgreSQL) 15.18 (Debian …)
	b := binaries{dir: dir, major: number(version)}
	if b.major == 0 {
		return b, fmt.Errorf("%s does not say its version", dir)
	}
	return b, nil
}
