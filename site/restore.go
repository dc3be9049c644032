package site

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/kit/pg"
)

// folders of DATA that a backup may hold.
var folders = []string{"checkpoints", "trust", "secrets", "files"}

// restoring is added to the name of a folder until all of it is there.
const restoring = ".restoring"

// Restore fills an empty place from a backup, all of it or nothing. db must be migrated and hold
// no records. secrets is a folder with the keys of the instance, for a backup without them.
func Restore(ctx context.Context, db *pg.DB, o Options, secrets string, from io.Reader, keys ...age.Identity) (BackupHead, error) {
	r := restore{db: db, data: o.Data, got: BackupManifest{Tables: map[string]BackupTable{}, Files: map[string]BackupFiles{}}, sums: map[string]hash.Hash{}}
	opened, err := age.Decrypt(from, keys...)
	if err != nil {
		return r.head, fmt.Errorf("the backup cannot be opened with this key or passphrase: %w", err)
	}
	unpacked, err := gzip.NewReader(opened)
	if err != nil {
		return r.head, fmt.Errorf("this is no backup: %w", err)
	}
	r.tar = tar.NewReader(unpacked)
	if err := r.begin(ctx, secrets); err != nil {
		return r.head, err
	}
	if o.Files.Host != "" {
		r.open = func() (*files.Carrier, error) { return openBucket(ctx, o, secrets) }
		defer func() {
			if r.bucket != nil {
				_ = r.bucket.Close()
			}
		}()
	}
	defer func() { // what was not put in place
		for _, f := range folders {
			_ = os.RemoveAll(filepath.Join(o.Data, f+restoring))
		}
	}()
	err = pgx.BeginFunc(ctx, db.Owner, func(tx pgx.Tx) error {
		if err := r.load(ctx, tx); err != nil {
			return err
		}
		if err := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: o.Clock}).NewFloor(ctx, tx); err != nil {
			return fmt.Errorf("letting the audit go on: %w", err)
		}
		return r.place(secrets)
	})
	if err != nil {
		for _, f := range r.placed {
			err = errors.Join(err, os.RemoveAll(filepath.Join(o.Data, f)))
		}
		return r.head, fmt.Errorf("nothing was restored: %w", err)
	}
	return r.head, nil
}

type restore struct {
	db     *pg.DB
	data   string
	tar    *tar.Reader
	next   *tar.Header // read, not yet dealt with
	head   BackupHead
	got    BackupManifest
	sums   map[string]hash.Hash // by folder
	placed []string

	open   func() (*files.Carrier, error) // the bucket where files go; nil means the folder
	bucket *files.Carrier                 // once it is open
}

// openBucket opens the bucket of the settings with the secret that is being restored, or was given
// with the command: DATA has no secrets yet. What lies in the bucket already stays, for files are
// named by what they hold.
func openBucket(ctx context.Context, o Options, secrets string) (*files.Carrier, error) {
	for _, dir := range []string{os.Getenv("CREDENTIALS_DIRECTORY"), secrets, filepath.Join(o.Data, "secrets"+restoring)} {
		a, err := (&Secrets{dir: dir}).bucket(o)
		if err == nil && dir != "" {
			return files.OpenCarrier(ctx, filepath.Join(o.Data, "files"), a)
		}
	}
	return nil, errors.New("DATMUI_FILES names a bucket, but neither the backup nor --secrets holds the file s3.secret: put it there")
}

// begin reads the head and makes sure that backup and place fit each other.
func (r *restore) begin(ctx context.Context, secrets string) error {
	h, err := r.tar.Next()
	if err != nil || h.Name != headName {
		return errors.Join(errors.New("this is no backup of this program"), err)
	}
	if err := json.NewDecoder(r.tar).Decode(&r.head); err != nil {
		return fmt.Errorf("the head of the backup cannot be read: %w", err)
	}
	if r.head.Format != backupFormat {
		return fmt.Errorf("the backup has the form %d, and this program (%s) reads form %d: use the program that made it, %s",
			r.head.Format, programVersion(), backupFormat, r.head.Program)
	}
	have, err := migrationsRun(ctx, r.db.Owner)
	if err != nil {
		return err
	}
	if !slices.Equal(have, r.head.Migrations) {
		return fmt.Errorf("the backup was made by another version of the program (%s): restore with that one, then start this one, which migrates", r.head.Program)
	}
	full, err := pg.Value[bool](r.db.Owner.Query(ctx, `SELECT EXISTS (SELECT FROM public.instance) OR EXISTS (SELECT FROM audit.entry)`))
	if err != nil {
		return err
	}
	if full {
		return errors.New("the database holds records already: restore only into a new data folder or an empty database")
	}
	for _, f := range folders {
		if entries, err := os.ReadDir(filepath.Join(r.data, f)); err == nil && len(entries) > 0 {
			return fmt.Errorf("the folder %s holds files already: restore only into a new data folder", filepath.Join(r.data, f))
		}
	}
	switch {
	case r.head.Secrets && secrets != "":
		return errors.New("the backup holds the secrets: leave --secrets out")
	case r.head.Secrets || os.Getenv("CREDENTIALS_DIRECTORY") != "":
		return nil
	case secrets == "":
		return errors.New("the backup does not hold the secrets, without which no six-digit code, key or checkpoint can be read: name the folder of the instance's secrets in --secrets")
	}
	if _, err := os.Stat(filepath.Join(secrets, "master.key")); err != nil {
		return fmt.Errorf("the folder in --secrets holds no secrets: %w", err)
	}
	return nil
}

// load reads the archive to its end and holds it to its manifest.
func (r *restore) load(ctx context.Context, tx pgx.Tx) error {
	list, err := tables(ctx, tx)
	if err != nil {
		return err
	}
	again, err := loosen(ctx, tx, list)
	if err != nil {
		return err
	}
	for {
		if r.next == nil {
			if r.next, err = r.tar.Next(); err != nil {
				return fmt.Errorf("the backup ends too early or is damaged: %w", err)
			}
		}
		name := r.next.Name
		switch kind, rest, _ := strings.Cut(name, "/"); {
		case name == manifestName:
			var want BackupManifest
			if err := json.NewDecoder(r.tar).Decode(&want); err != nil {
				return fmt.Errorf("the manifest cannot be read: %w", err)
			}
			if _, err := r.tar.Next(); err != io.EOF { // reads to the end, which age vouches for
				return fmt.Errorf("the backup goes on after its manifest or is damaged: %w", err)
			}
			if err := r.compare(want); err != nil {
				return err
			}
			return finish(ctx, tx, want, again)
		case kind == "db":
			err = r.table(ctx, tx, list, path.Dir(rest))
		case kind == "data":
			err = r.file(ctx, rest)
			r.next = nil
		default:
			err = fmt.Errorf("the backup holds %q, which this program does not know", name)
		}
		if err != nil {
			return err
		}
	}
}

// loosen empties the tables and lifts what would hinder loading them in any order: foreign keys
// and the triggers that keep rows as they are. It returns the statements that put them back.
func loosen(ctx context.Context, tx pgx.Tx, list []table) (again []string, err error) {
	type key struct{ Off, On string }
	keys, err := pg.All[key](tx.Query(ctx, `
		SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS off,
		       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid)) AS on
		FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
		WHERE contype = 'f' AND pg_get_userbyid(t.relowner) = $1 ORDER BY 1`, pg.RoleOwner))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range list {
		keys = append(keys, key{"ALTER TABLE " + t.Name + " DISABLE TRIGGER USER", "ALTER TABLE " + t.Name + " ENABLE TRIGGER USER"})
		names = append(names, t.Name)
	}
	for _, k := range keys {
		if _, err := tx.Exec(ctx, k.Off); err != nil {
			return nil, fmt.Errorf("%s: %w", k.Off, err)
		}
		again = append(again, k.On)
	}
	_, err = tx.Exec(ctx, "TRUNCATE "+strings.Join(names, ", ")) // rows that migrations enter
	return again, err
}

// table loads all pieces of one table.
func (r *restore) table(ctx context.Context, tx pgx.Tx, list []table, name string) error {
	i := slices.IndexFunc(list, func(t table) bool { return t.Name == name })
	if i < 0 || r.got.Tables[name].SHA256 != "" {
		return fmt.Errorf("the backup holds the table %q, which this program does not know, or twice", name)
	}
	sum := sha256.New()
	columns := strings.Join(list[i].Columns, ", ")
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, io.TeeReader(&piecesOf{r, name}, sum), "COPY "+name+" ("+columns+") FROM STDIN")
	if err != nil {
		return fmt.Errorf("loading %s: %w", name, err)
	}
	r.got.Tables[name] = BackupTable{Columns: list[i].Columns, Rows: tag.RowsAffected(), SHA256: hex.EncodeToString(sum.Sum(nil))}
	return nil
}

// piecesOf reads the pieces of one table as one stream.
type piecesOf struct {
	r    *restore
	name string
}

func (p *piecesOf) Read(b []byte) (int, error) {
	for p.r.next != nil && path.Dir(p.r.next.Name) == "db/"+p.name {
		n, err := p.r.tar.Read(b)
		if n > 0 {
			return n, nil // the end of a piece is not the end of the table
		}
		if err != io.EOF {
			return 0, err
		}
		if p.r.next, err = p.r.tar.Next(); err != nil {
			return 0, fmt.Errorf("the backup is damaged: %w", errors.Join(io.ErrUnexpectedEOF, err))
		}
	}
	return 0, io.EOF
}

// file writes one file beside its place, or into the bucket: what a failed restore leaves there
// belongs to no row, and the sweep takes it away.
func (r *restore) file(ctx context.Context, name string) (err error) {
	folder, rel, _ := strings.Cut(name, "/")
	if !slices.Contains(folders, folder) || !filepath.IsLocal(rel) || r.next.Typeflag != tar.TypeReg {
		return fmt.Errorf("the backup holds %q, which is no file of a data folder", r.next.Name)
	}
	if folder == "files" && r.open != nil {
		if r.bucket == nil {
			if r.bucket, err = r.open(); err != nil {
				return err
			}
		}
		sum := sha256.New()
		if err := r.bucket.Put(ctx, rel, io.TeeReader(r.tar, sum)); err != nil {
			return err
		}
		r.count(folder, rel, r.next.Size, sum)
		return nil
	}
	to := filepath.Join(r.data, folder+restoring, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), r.tar)
	if err := errors.Join(err, f.Close(), os.Chtimes(to, r.next.ModTime, r.next.ModTime)); err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	r.count(folder, rel, n, sum)
	return nil
}

func (r *restore) count(folder, rel string, n int64, sum hash.Hash) {
	if r.sums[folder] == nil {
		r.sums[folder] = sha256.New()
	}
	fmt.Fprintf(r.sums[folder], "%x %s\n", sum.Sum(nil), rel)
	got := r.got.Files[folder]
	r.got.Files[folder] = BackupFiles{Count: got.Count + 1, Bytes: got.Bytes + n}
}

func (r *restore) compare(want BackupManifest) error {
	for name, t := range want.Tables {
		got := r.got.Tables[name]
		if got.Rows != t.Rows || t.Rows > 0 && (got.SHA256 != t.SHA256 || !slices.Equal(got.Columns, t.Columns)) {
			return fmt.Errorf("the table %s is not what the manifest says: %d rows instead of %d, or other bytes", name, got.Rows, t.Rows)
		}
	}
	for folder, f := range want.Files {
		got := r.got.Files[folder]
		if got.Count > 0 {
			got.SHA256 = hex.EncodeToString(r.sums[folder].Sum(nil))
		}
		if got.Count != f.Count || got.Bytes != f.Bytes || f.Count > 0 && got.SHA256 != f.SHA256 {
			return fmt.Errorf("the folder %s is not what the manifest says: %d files instead of %d, or other bytes", folder, got.Count, f.Count)
		}
	}
	return nil
}

// finish sets the sequences, gives entries that no seal covers yet a place above all that are
// sealed, and puts back what loosen lifted: every foreign key is checked then.
func finish(ctx context.Context, tx pgx.Tx, want BackupManifest, again []string) error {
	for name, last := range want.Sequences {
		if _, err := tx.Exec(ctx, `SELECT setval($1::text::regclass, $2)`, name, last); err != nil {
			return fmt.Errorf("setting the sequence %s: %w", name, err)
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE audit.entry SET id = nextval(pg_get_serial_sequence('audit.entry', 'id')), xid = pg_current_xact_id()
		WHERE id IN (SELECT id FROM audit.entry EXCEPT SELECT entry FROM audit.leaf)`)
	if err != nil {
		return fmt.Errorf("placing what waits to be sealed: %w", err)
	}
	for _, sql := range again {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// place gives the folders their names.
func (r *restore) place(secrets string) error {
	if secrets != "" {
		if err := os.CopyFS(filepath.Join(r.data, "secrets"+restoring), os.DirFS(secrets)); err != nil {
			return fmt.Errorf("copying the secrets: %w", err)
		}
	}
	for _, f := range folders {
		from, to := filepath.Join(r.data, f+restoring), filepath.Join(r.data, f)
		if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
		r.placed = append(r.placed, f)
		if f == "secrets" {
			if err := os.Chmod(to, 0o700); err != nil {
				return err
			}
		}
	}
	return nil
}
