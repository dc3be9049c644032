package pg

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// identity is the user as whom PostgreSQL runs: never root, which it refuses.
type identity struct {
	uid, gid int
	name     string
	switched bool // we are root and the child becomes uid
	passes   bool // it must be let through folders that only root may enter
}

// identify chooses the child's user. owner is the user id owning an existing cluster, or -1.
func identify(dir, binDir string, owner int) (identity, error) {
	if uid := os.Getuid(); uid != 0 {
		if owner >= 0 && owner != uid {
			return identity{}, fmt.Errorf("the database in %s belongs to another user (uid %d): run as that user, or choose another folder in DATMUI_DATA", dir, owner)
		}
		me := identity{uid: uid, gid: os.Getgid(), name: strconv.Itoa(uid)}
		if u, err := user.Current(); err == nil {
			me.name = u.Username
		}
		return me, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return identity{}, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor nobody: run as an ordinary user")
		}
	}
	if owner > 0 { // made by an ordinary user, or before the user postgres existed
		if u, err = user.LookupId(strconv.Itoa(owner)); err != nil {
			return identity{}, fmt.Errorf("the database in %s belongs to uid %d, which this machine does not know: chown it to a known user", dir, owner)
		}
	}
	if owner == 0 {
		return identity{}, fmt.Errorf("the database in %s belongs to root, as whom PostgreSQL does not run: chown -R %s it", dir, u.Username)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return identity{uid: uid, gid: gid, name: u.Username, switched: true,
		passes: !reachable(dir, uid, gid) || !reachable(binDir, uid, gid)}, nil
}

// reachable says whether a user may enter dir and every folder above it.
func reachable(dir string, uid, gid int) bool {
	for {
		if fi, err := os.Stat(dir); err == nil {
			st := fi.Sys().(*syscall.Stat_t)
			mode := fi.Mode().Perm()
			switch {
			case int(st.Uid) == uid:
				if mode&0o100 == 0 {
					return false
				}
			case int(st.Gid) == gid:
				if mode&0o010 == 0 {
					return false
				}
			case mode&0o001 == 0:
				return false
			}
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}

// attr makes a child of this identity that dies with us and does not hear our Ctrl-C:
// we stop it ourselves, after our last query.
func (id identity) attr() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	if id.switched {
		a.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	if id.passes { // a checkout below root's 0700 home: keep the one right to walk through it
		a.AmbientCaps = []uintptr{searchCapability()}
	}
	return a
}

// searchCapability is CAP_DAC_READ_SEARCH, or CAP_DAC_OVERRIDE where only that was left to
// us, as in many containers.
func searchCapability() uintptr {
	const override, readSearch = 1, 2
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if hex, ok := strings.CutPrefix(line, "CapEff:"); ok {
			set, _ := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
			if set&(1<<readSearch) == 0 {
				return override
			}
		}
	}
	return readSearch
}

// own gives a path to the child's user.
func (id identity) own(path string) error {
	if !id.switched {
		return nil
	}
	return os.Chown(path, id.uid, id.gid)
}

// start runs cmd on a thread that lives as long as the child does: the kernel sends
// Pdeathsig when the forking THREAD ends, and Go ends idle threads as it likes.
func start(cmd *exec.Cmd) (done chan error, err error) {
	started, done := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		done <- cmd.Wait()
		close(done)
	}()
	return done, <-started
}
