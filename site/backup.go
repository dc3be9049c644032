package site

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// A backup is one stream: tar, gzip, age. It begins with backup.json (what it is), goes on with
// data/… (files), db/SCHEMA.TABLE/NNNNNN (pieces of COPY's text form) and ends with manifest.json.
const (
	backupFormat = 1
	pieceSize    = 4 << 20
	headName     = "backup.json"
	manifestName = "manifest.json"
)

// BackupHead says what a backup is; it stands at its beginning.
type BackupHead struct {
	Format     int       `json:"format"`
	Program    string    `json:"program"`
	MadeAt     time.Time `json:"made_at"`
	Instance   uuid.UUID `json:"instance"`
	Demo       bool      `json:"demo"`
	PostgreSQL string    `json:"postgresql"`
	Migrations []string  `json:"migrations"`
	Secrets    bool      `json:"secrets"` // whether the keys are in it
}

// BackupTable is what a backup holds of one table.
type BackupTable struct {
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
	SHA256  string   `json:"sha256"` // of the rows as COPY writes them
}

// BackupManifest says what a backup holds; it stands at its end, and a restore is held to it.
type BackupManifest struct {
	Tables    map[string]BackupTable `json:"tables"`
	Sequences map[string]int64       `json:"sequences"` // last value; those never used are left out
	Files     map[string]BackupFiles `json:"files"`     // by folder of DATA
}

// BackupFiles is what a backup holds of one folder of DATA.
type BackupFiles struct {
	Count  int64  `json:"count"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // over the lines "sha256 name" in the order of the backup
}

// Backup seals the audit and writes database and files to w, for those who hold a key of to.
func Backup(ctx context.Context, db *pg.DB, o Options, secrets bool, w io.Writer, to ...age.Recipient) (BackupManifest, error) {
	b := backup{man: BackupManifest{Tables: map[string]BackupTable{}, Sequences: map[string]int64{}, Files: map[string]BackupFiles{}}}
	keys, err := OpenSecrets(o.Data)
	if err != nil {
		return b.man, err
	}
	head, err := describe(ctx, db, secrets)
	if err != nil {
		return b.man, err
	}
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Signer: keys.Signer, Keep: filepath.Join(o.Data, "checkpoints"), Clock: o.Clock})
	if err := os.MkdirAll(filepath.Join(o.Data, "checkpoints"), 0o700); err != nil {
		return b.man, err
	}
	if _, err := book.Seal(ctx); err != nil {
		return b.man, fmt.Errorf("sealing the audit: %w", err)
	}

	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return b.man, fmt.Errorf("encrypting: %w", err)
	}
	packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return b.man, err
	}
	b.tar = tar.NewWriter(packed)
	if err := b.write(ctx, db, o, keys, head); err != nil {
		return b.man, fmt.Errorf("writing the backup: %w", err)
	}
	return b.man, errors.Join(b.tar.Close(), packed.Close(), sealed.Close())
}

// describe reads what stands in the head of a backup of db.
func describe(ctx context.Context, db *pg.DB, secrets bool) (BackupHead, error) {
	head := BackupHead{Format: backupFormat, Program: programVersion(), MadeAt: time.Now().UTC().Truncate(time.Second), Secrets: secrets}
	if n, err := Pending(ctx, db); err != nil {
		return head, err
	} else if n > 0 {
		return head, fmt.Errorf("%d migrations are to be run first: `datmui migrate`", n)
	}
	in, err := pg.ReadInstance(ctx, db.Owner)
	if fault.KindOf(err) == fault.KindNotFound {
		return head, errors.New("this database is new and holds nothing to back up")
	}
	if err != nil {
		return head, err
	}
	head.Instance, head.Demo = in.ID, in.Demo
	if head.Migrations, err = migrationsRun(ctx, db.Owner); err != nil {
		return head, err
	}
	head.PostgreSQL, err = pg.Value[string](db.Owner.Query(ctx, `SELECT current_setting('server_version')`))
	return head, err
}

func migrationsRun(ctx context.Context, r pg.Reader) ([]string, error) {
	return pg.Values[string](r.Query(ctx, `
		SELECT version_id::text FROM public.goose_db_version WHERE is_applied
		UNION SELECT 'river ' || line || ' ' || version FROM public.river_migration ORDER BY 1`))
}

func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return cmp.Or(info.Main.Version, "unknown")
}

type backup struct {
	tar *tar.Writer
	man BackupManifest
}

// write keeps an order: kept checkpoints before the database, so that none is newer than the log;
// stored files after it, so that none is missing which a row names.
func (b *backup) write(ctx context.Context, db *pg.DB, o Options, keys *Secrets, head BackupHead) error {
	if err := b.json(headName, head); err != nil {
		return err
	}
	for _, folder := range []string{"checkpoints", "trust"} {
		if err := b.folder(ctx, folder, filepath.Join(o.Data, folder)); err != nil {
			return err
		}
	}
	if head.Secrets {
		if err := b.folder(ctx, "secrets", keys.dir, filepath.Join(o.Data, "secrets")); err != nil {
			return err
		}
	}
	if err := b.database(ctx, db); err != nil {
		return err
	}
	if err := b.store(ctx, o, keys); err != nil {
		return err
	}
	return b.json(manifestName, b.man)
}

// store adds the files, wherever they lie.
func (b *backup) store(ctx context.Context, o Options, keys *Secrets) error {
	if o.Files.Host != "" {
		return b.bucket(ctx, o, keys)
	}
	return b.folder(ctx, "files", filepath.Join(o.Data, "files"))
}

// bucket adds the files of a bucket as if they lay in DATA/files: a restore may go to either.
func (b *backup) bucket(ctx context.Context, o Options, keys *Secrets) error {
	from, err := keys.files(ctx, o)
	if err != nil {
		return err
	}
	defer from.Close()
	all, out := sha256.New(), BackupFiles{}
	err = from.Each(ctx, func(f files.Item) error {
		err := b.tar.WriteHeader(&tar.Header{Name: path.Join("data/files", f.Name), Mode: 0o600, Size: f.Size, ModTime: f.At, Format: tar.FormatPAX})
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.CopyN(io.MultiWriter(b.tar, sum), f, f.Size)
		out.Count, out.Bytes = out.Count+1, out.Bytes+n
		fmt.Fprintf(all, "%x %s\n", sum.Sum(nil), f.Name)
		return err
	})
	out.SHA256 = hex.EncodeToString(all.Sum(nil))
	b.man.Files["files"] = out
	return err
}

func (b *backup) json(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return b.entry(name, text)
}

func (b *backup) entry(name string, data []byte) error {
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := b.tar.Write(data)
	return err
}

// folder adds the regular files below dirs as data/NAME/…; where two bear one name, the first counts.
func (b *backup) folder(ctx context.Context, name string, dirs ...string) error {
	sum, out, seen := sha256.New(), BackupFiles{}, map[string]bool{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // there is no such folder, or a sweep was faster
			}
			if err != nil || !d.Type().IsRegular() || ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			rel, err := filepath.Rel(dir, file)
			if err != nil || seen[rel] {
				return err
			}
			if len(dirs) > 1 {
				seen[rel] = true
			}
			n, hash, err := b.file(path.Join("data", name, filepath.ToSlash(rel)), file)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			out.Count, out.Bytes = out.Count+1, out.Bytes+n
			fmt.Fprintf(sum, "%s %s\n", hash, filepath.ToSlash(rel))
			return err
		})
		if err != nil {
			return err
		}
	}
	out.SHA256 = hex.EncodeToString(sum.Sum(nil))
	b.man.Files[name] = out
	return nil
}

func (b *backup) file(name, from string) (int64, string, error) {
	f, err := os.Open(from)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, "", err
	}
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime(), Format: tar.FormatPAX}); err != nil {
		return 0, "", err
	}
	sum := sha256.New()
	// as long as it was: a file of checkpoints may grow meanwhile
	n, err := io.CopyN(io.MultiWriter(b.tar, sum), f, info.Size())
	return n, hex.EncodeToString(sum.Sum(nil)), err
}

type table struct {
	Name    string // quoted, with its schema
	Columns []string
}

// tables are all tables of the owner that outlive a crash, without generated columns.
func tables(ctx context.Context, r pg.Reader) ([]table, error) {
	return pg.All[table](r.Query(ctx, `
		SELECT format('%I.%I', n.nspname, c.relname) AS name,
		       ARRAY(SELECT quote_ident(attname) FROM pg_attribute a
		             WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND pg_get_userbyid(c.relowner) = $1
		  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
		ORDER BY 1`, pg.RoleOwner))
}

// database adds every table as it was at one moment. The owner reads: it has no time limits.
func (b *backup) database(ctx context.Context, db *pg.DB) error {
	return pgx.BeginTxFunc(ctx, db.Owner, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		list, err := tables(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range list {
			p := &pieces{to: b, name: "db/" + t.Name, sum: sha256.New()}
			columns := strings.Join(t.Columns, ", ")
			tag, err := tx.Conn().PgConn().CopyTo(ctx, p, "COPY "+t.Name+" ("+columns+") TO STDOUT")
			if err := errors.Join(err, p.flush()); err != nil {
				return fmt.Errorf("copying %s: %w", t.Name, err)
			}
			b.man.Tables[t.Name] = BackupTable{Columns: t.Columns, Rows: tag.RowsAffected(), SHA256: hex.EncodeToString(p.sum.Sum(nil))}
		}
		type sequence struct {
			Name string
			Last int64
		}
		sequences, err := pg.All[sequence](tx.Query(ctx, `
			SELECT format('%I.%I', schemaname, sequencename) AS name, last_value AS last FROM pg_sequences
			WHERE last_value IS NOT NULL AND sequenceowner = $1`, pg.RoleOwner))
		if err != nil {
			return err
		}
		for _, s := range sequences {
			b.man.Sequences[s.Name] = s.Last
		}
		return nil
	})
}

// pieces cuts a stream of unknown length into entries of the archive.
type pieces struct {
	to   *backup
	name string
	sum  hash.Hash
	buf  bytes.Buffer
	n    int
}

func (p *pieces) Write(data []byte) (int, error) {
	p.sum.Write(data)
	p.buf.Write(data)
	if p.buf.Len() < pieceSize {
		return len(data), nil
	}
	return len(data), p.flush()
}

func (p *pieces) flush() error {
	if p.buf.Len() == 0 {
		return nil
	}
	p.n++
	err := p.to.entry(fmt.Sprintf("%s/%06d", p.name, p.n), p.buf.Bytes())
	p.buf.Reset()
	return err
}
