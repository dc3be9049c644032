package pg

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// identity is the user as whom PostgreSQL runs: never root, which it refuses.
type identity struct {
	uid, gid  int
	name      string
	switched  bool // we are root and the child becomes uid
	namespace bool // we are root and the child only believes to be uid, in a user namespace
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
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	id := identity{uid: uid, gid: gid, name: u.Username}
	if owner != 0 && reachable(dir, uid, gid) && reachable(binDir, uid, gid) {
		id.switched = true
		return id, nil
	}
	if owner > 0 {
		return identity{}, fmt.Errorf("the user %s, who owns the database in %s, may not enter that folder: open the folders above it (chmod o+x)", u.Username, dir)
	}
	id.namespace = true // below a 0700 home: files stay root's
	return id, nil
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
	switch {
	case id.switched:
		a.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	case id.namespace:
		a.Cloneflags = syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: id.uid, HostID: 0, Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: id.gid, HostID: 0, Size: 1}}
	}
	return a
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
