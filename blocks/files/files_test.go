package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/files/s3"
	"datmui/blocks/files/s3/s3test"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

var (
	vy   = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("vy")), Kind: actor.Citizen, Name: "Dương Khánh Vy", Level: 2}
	lan  = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("lan")), Kind: actor.Official, Name: "Nguyễn Thị Lan", Office: "ubnd-nam-can"}
	pdf  = []byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	dir1 = files.Subject{Kind: "test.dossier", ID: uuid.NewSHA1(uuid.Nil, []byte("dossier"))}
)

type bench struct {
	*pg.DB
	*files.Block
	book  *audit.Book
	clock *clock.Fake
	dir   string

	bucket s3.Address // where the bytes lie instead of dir; zero for none
}

func setup(t *testing.T, change ...func(*files.Config)) bench {
	t.Helper()
	db := testkit.DB(t)
	b := bench{DB: db, clock: testkit.Clock(t, "2026-11-23T08:06"), dir: t.TempDir()}
	b.book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: b.clock})
	c := files.Config{DB: db.Reader, Book: b.book, Clock: b.clock, Store: filepath.Join(b.dir, "files"), Temp: filepath.Join(b.dir, "uploads")}
	if strings.HasPrefix(t.Name(), "TestOnS3/") {
		c.S3 = s3test.Serve(t, 0)
	}
	for _, f := range change {
		f(&c)
	}
	block, err := files.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { block.Close() })
	b.Block, b.bucket = block, c.S3
	return b
}

func as(t *testing.T, a actor.Actor) context.Context { return actor.With(t.Context(), a) }

// send uploads data as vy and returns the file's id.
func (b bench) send(t *testing.T, name string, data []byte) uuid.UUID {
	t.Helper()
	id, err := b.Receive(as(t, vy), name, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b bench) act(t *testing.T, who actor.Actor, fn func(ctx context.Context, act *audit.Act) error) error {
	t.Helper()
	return b.book.Act(as(t, who), "files.test", fn)
}

func (b bench) attach(t *testing.T, id uuid.UUID) {
	t.Helper()
	if err := b.act(t, vy, func(ctx context.Context, act *audit.Act) error {
		return b.Attach(ctx, act, dir1, []uuid.UUID{vy.ID}, files.Attachment{ID: id, Role: "paper"})
	}); err != nil {
		t.Fatal(err)
	}
}

// blobs lists the bytes on disk, and in the bucket where there is one, by their names.
func (b bench) blobs(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(b.dir, path)
			names = append(names, rel)
		}
		return err
	})
	if err == nil && b.bucket.Host != "" {
		var c *files.Carrier
		if c, err = files.OpenCarrier(t.Context(), "", b.bucket); err == nil {
			err = errors.Join(c.Each(t.Context(), func(i files.Item) error {
				names = append(names, "files/"+i.Name)
				return nil
			}), c.Close())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func hexOf(data []byte) string { s := sha256.Sum256(data); return hex.EncodeToString(s[:]) }

func place(data []byte) string {
	h := hexOf(data)
	return filepath.Join("files", "sha256", h[:2], h[2:4], h)
}

func TestUploadInPiecesGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := as(t, vy)
	id, err := b.Begin(ctx, "đơn.pdf", int64(len(pdf)))
	if err != nil {
		t.Fatal(err)
	}
	piece := pdf[:20]
	wrong := sha256.Sum256([]byte("damaged"))
	at, err := b.Append(ctx, id, 0, wrong[:], bytes.NewReader(piece))
	testkit.WantError(t, err, fault.Conflict("files.checksum"))
	if at != 0 {
		t.Errorf("a damaged piece moved the offset to %d", at)
	}
	sum := sha256.Sum256(piece)
	if at, err = b.Append(ctx, id, 0, sum[:], bytes.NewReader(piece)); at != 20 || err != nil {
		t.Fatalf("offset %d, %v", at, err)
	}
	if at, err = b.Append(ctx, id, 0, nil, bytes.NewReader(piece)); at != 20 {
		t.Errorf("a repeated piece moved the offset to %d", at)
	}
	testkit.WantError(t, err, fault.Conflict("files.offset"))

	broken := io.MultiReader(bytes.NewReader(pdf[20:30]), failing{})
	if at, err = b.Append(ctx, id, 20, nil, broken); at != 30 || err == nil {
		t.Errorf("a broken line left %d, %v; what arrived is kept", at, err)
	}
	if at, size, err := b.Offset(ctx, id); at != 30 || size != int64(len(pdf)) || err != nil {
		t.Errorf("offset %d of %d, %v", at, size, err)
	}
	if _, err = b.Append(ctx, id, 30, nil, bytes.NewReader(pdf[30:])); err != nil {
		t.Fatal(err)
	}
	if at, err = b.Append(ctx, id, int64(len(pdf)), nil, nil); at != int64(len(pdf)) || err != nil {
		t.Errorf("asking again after the end: %d, %v", at, err)
	}
	if d := cmp.Diff([]string{place(pdf)}, b.blobs(t)); d != "" {
		t.Errorf("on disk (-want +got):\n%s", d)
	}
	f, err := b.Open(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if !bytes.Equal(got, pdf) || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if f.Name != "đơn.pdf" || f.MIME != "application/pdf" || f.Scan != files.Unscanned || f.SHA256 != hexOf(pdf) {
		t.Errorf("%+v", f.File)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("line broken") }

func TestUploadBelongsToItsSender(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, err := b.Begin(as(t, vy), "a.pdf", 100)
	if err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func(context.Context) error{
		"offset": func(ctx context.Context) error { _, _, err := b.Offset(ctx, id); return err },
		"append": func(ctx context.Context) error { _, err := b.Append(ctx, id, 0, nil, bytes.NewReader(pdf)); return err },
		"cancel": func(ctx context.Context) error { return b.Cancel(ctx, id) },
	} {
		t.Run(name, func(t *testing.T) {
			testkit.WantError(t, do(as(t, lan)), fault.NotFound("upload"))
			testkit.WantError(t, do(t.Context()), fault.NotFound("upload"))
		})
	}
	_, err = b.Begin(t.Context(), "a.pdf", 100)
	testkit.WantError(t, err, fault.SignIn("files.upload"))
}

func TestUploadLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *files.Config) { c.MaxBytes, c.MaxUploads = 1000, 2 })
	ctx := as(t, vy)
	_, err := b.Begin(ctx, "a.pdf", 1001)
	testkit.WantError(t, err, fault.Limit("files.large"))
	_, err = b.Begin(ctx, "a.pdf", 0)
	testkit.WantError(t, err, fault.Fields{"file": "files.empty"})
	_, err = b.Receive(ctx, "a.pdf", bytes.NewReader(make([]byte, 5000)))
	testkit.WantError(t, err, fault.Limit("files.large"))
	id, err := b.Begin(ctx, "a.pdf", 100)
	if err != nil {
		t.Fatal(err)
	}
	at, err := b.Append(ctx, id, 0, nil, bytes.NewReader(make([]byte, 200)))
	testkit.WantError(t, err, fault.Limit("files.large"))
	if at != 0 {
		t.Errorf("more than declared left %d bytes", at)
	}
	if _, err := b.Begin(ctx, "b.pdf", 100); err != nil {
		t.Fatal(err)
	}
	_, err = b.Begin(ctx, "c.pdf", 100)
	testkit.WantError(t, err, fault.Limit("files.uploads"))
	if err := b.Cancel(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, err = b.Begin(ctx, "c.pdf", 100); err != nil {
		t.Error("a cancelled upload still counts:", err)
	}
}

// Nobody fills the disk file by file; an official's counter scans all day.
func TestMostSent(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *files.Config) { c.MaxSent = 200 })
	ctx := as(t, vy)
	for range 2 {
		if _, err := b.Receive(ctx, "a.pdf", bytes.NewReader(pdf)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.Begin(ctx, "b.pdf", 100)
	testkit.WantError(t, err, fault.Limit("files.sent"))
	official := actor.From(ctx)
	official.Kind = actor.Official
	if _, err := b.Begin(actor.With(ctx, official), "b.pdf", 100); err != nil {
		t.Error(err)
	}
	b.clock.Advance(49 * time.Hour)
	if _, err := b.Begin(ctx, "b.pdf", 100); err != nil {
		t.Error("what was sent the day before yesterday still counts:", err)
	}
}

func archive(t *testing.T, names ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, n := range names {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("<x/>"))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestTypesAreToldFromBytes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	for name, tt := range map[string]struct {
		file string
		data []byte
		want string // name kept, "" when refused
	}{
		"pdf":                   {"a.pdf", pdf, "a.pdf"},
		"pdf named exe":         {"a.exe", append([]byte(nil), append(pdf, 1)...), "a.exe.pdf"},
		"png":                   {"a.PNG", png, "a.PNG"},
		"jpeg":                  {"ảnh.jpeg", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "ảnh.jpeg"},
		"docx":                  {"a.docx", archive(t, "[Content_Types].xml", "word/document.xml"), "a.docx"},
		"xlsx":                  {"a.xlsx", archive(t, "[Content_Types].xml", "xl/workbook.xml"), "a.xlsx"},
		"docx with macros":      {"a.docx", archive(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), ""},
		"zip named docx":        {"a.docx", archive(t, "evil.html"), ""},
		"html":                  {"a.pdf", []byte("<html><script>alert(1)</script>"), ""},
		"svg":                   {"a.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), ""},
		"text":                  {"a.pdf", []byte("just text"), ""},
		"elf":                   {"a.pdf", []byte("\x7fELF\x02\x01\x01"), ""},
		"a path for a name":     {"../../etc/passwd", append([]byte(nil), append(pdf, 2)...), "passwd.pdf"},
		"windows path":          {`C:\temp\hồ sơ.pdf`, append([]byte(nil), append(pdf, 3)...), "hồ sơ.pdf"},
		"line breaks in a name": {"a\r\nContent-Type: x\x00\u202e.pdf", append([]byte(nil), append(pdf, 4)...), "a Content-Type x.pdf"},
		"only dots":             {"..", append([]byte(nil), append(pdf, 5)...), "tệp.pdf"},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := b.Receive(as(t, vy), tt.file, bytes.NewReader(tt.data))
			if tt.want == "" {
				testkit.WantError(t, err, fault.Fields{"file": "files.type"})
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			held, err := b.Held(as(t, vy), id)
			if err != nil || len(held) != 1 || held[0].Name != tt.want {
				t.Errorf("held %+v, %v; want the name %q", held, err, tt.want)
			}
		})
	}
	for _, name := range b.blobs(t) {
		if base := filepath.Base(name); len(base) != 64 || strings.Trim(base, "0123456789abcdef") != "" {
			t.Errorf("a name of somebody's reached the disk: %q", name)
		}
	}
}

func TestEqualBytesAreKeptOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.send(t, "a.pdf", pdf), b.send(t, "b.pdf", pdf)
	if one == two || len(b.blobs(t)) != 1 {
		t.Errorf("%v %v %v", one, two, b.blobs(t))
	}
}

func TestOpeningNeedsTheGuardsWordAndIsWrittenDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.send(t, "a.pdf", pdf)
	_, err := b.Open(as(t, lan), id)
	testkit.WantError(t, err, fault.NotFound("file"))
	b.attach(t, id)
	_, err = b.Open(as(t, vy), id) // nobody has spoken for this kind
	testkit.WantError(t, err, fault.NotFound("file"))

	var asked uuid.UUID
	b.Guard(dir1.Kind, func(_ context.Context, _ pg.Reader, a actor.Actor, f files.File) (bool, error) {
		asked = *f.SubjectID
		return a.ID == lan.ID, nil
	})
	_, err = b.Open(as(t, vy), id)
	testkit.WantError(t, err, fault.NotFound("file"))
	f, err := b.Open(as(t, lan), id)
	if err != nil || asked != dir1.ID {
		t.Fatal(err, asked)
	}
	f.Close()
	reads, err := pg.Values[string](b.Reader.Query(t.Context(), `SELECT subject_id || ' ' || actor_id || ' ' || array_to_string(persons, ',') FROM audit.entry WHERE kind = 'read'`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{id.String() + " " + lan.ID.String() + " " + vy.ID.String()}, reads); d != "" {
		t.Errorf("access entries (-want +got):\n%s", d)
	}
}

func TestAttachTakesOnlyOnesOwnAndOnlyOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *files.Config) { c.MaxFiles = 2 })
	id := b.send(t, "a.pdf", pdf)
	try := func(who actor.Actor, ids ...uuid.UUID) error {
		return b.act(t, who, func(ctx context.Context, act *audit.Act) error {
			var list []files.Attachment
			for _, id := range ids {
				list = append(list, files.Attachment{ID: id, Role: "paper"})
			}
			return b.Attach(ctx, act, dir1, nil, list...)
		})
	}
	testkit.WantError(t, try(lan, id), fault.Fields{"file": "files.gone"})
	testkit.WantError(t, try(vy, id, uuid.New()), fault.Fields{"file": "files.gone"})
	testkit.WantError(t, try(vy, id), nil)
	testkit.WantError(t, try(vy, id), fault.Fields{"file": "files.gone"})
	testkit.WantError(t, try(vy, b.send(t, "b.pdf", pdf), b.send(t, "c.pdf", pdf)), fault.Limit("files.many"))
	list, err := b.List(t.Context(), b.Reader, dir1)
	if err != nil || len(list) != 1 || list[0].Role != "paper" {
		t.Errorf("%+v %v", list, err)
	}
	testkit.WantError(t, b.Drop(as(t, vy), id), fault.NotFound("file"))
}

func TestPutStandsAndFallsWithItsAct(t *testing.T) {
	t.Parallel()
	b := setup(t)
	blob, err := b.Store(t.Context(), pdf)
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	put := func(end error) error {
		return b.act(t, lan, func(ctx context.Context, act *audit.Act) error {
			f, err := b.Put(ctx, act, files.In{Blob: blob, Name: "Giấy tiếp nhận.pdf", Subject: dir1, Role: "form01", Pages: 1, Persons: []uuid.UUID{vy.ID}})
			if err != nil {
				return err
			}
			if f.MIME != "application/pdf" || f.Scan != files.Clean {
				t.Errorf("%+v", f)
			}
			return end
		})
	}
	testkit.WantError(t, put(stop), stop)
	if list, err := b.List(t.Context(), b.Reader, dir1); len(list) != 0 || err != nil {
		t.Fatalf("a failed act left %v, %v", list, err)
	}
	testkit.WantError(t, put(nil), nil)
	list, err := b.List(t.Context(), b.Reader, dir1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	got, err := b.Bytes(t.Context(), list[0])
	if err != nil || !bytes.Equal(got, pdf) {
		t.Errorf("%q %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, place(pdf)), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Bytes(t.Context(), list[0]); err == nil {
		t.Error("changed bytes were handed out")
	}
}

// age makes the bytes look written so long ago.
func (b bench) age(t *testing.T, data []byte, d time.Duration) {
	t.Helper()
	then := time.Now().Add(-d)
	if err := os.Chtimes(filepath.Join(b.dir, place(data)), then, then); err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sweep := func(want ...string) {
		t.Helper()
		if err := b.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, b.blobs(t)); d != "" {
			t.Fatalf("after the sweep (-want +got):\n%s", d)
		}
	}
	orphan := append(bytes.Clone(pdf), "orphan"...)
	if _, err := b.Store(t.Context(), orphan); err != nil { // the program died before its act
		t.Fatal(err)
	}
	sweep(place(orphan)) // too young to judge
	b.age(t, orphan, 25*time.Hour)
	sweep()

	id := b.send(t, "a.pdf", pdf)
	b.age(t, pdf, 25*time.Hour)
	sweep(place(pdf)) // held by its sender
	b.attach(t, id)
	b.clock.Advance(30 * 24 * time.Hour)
	sweep(place(pdf)) // part of a dossier

	held := append(bytes.Clone(pdf), "held"...)
	b.send(t, "b.pdf", held)
	b.age(t, held, 25*time.Hour)
	b.clock.Advance(8 * 24 * time.Hour)
	sweep(place(pdf)) // nobody took it up

	if err := b.act(t, lan, func(ctx context.Context, act *audit.Act) error {
		return b.Retain(ctx, act, dir1, time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC))
	}); err != nil {
		t.Fatal(err)
	}
	sweep(place(pdf))
	b.clock.Set(time.Date(2027, 1, 31, 16, 59, 0, 0, time.UTC)) // the last minute of the day in Vietnam
	sweep(place(pdf))
	b.clock.Advance(time.Minute)
	sweep()
	list, err := b.List(t.Context(), b.Reader, dir1)
	if err != nil || len(list) != 1 || !list[0].Destroyed {
		t.Errorf("the row must outlive its bytes: %+v %v", list, err)
	}

	up, err := b.Begin(as(t, vy), "c.pdf", 100)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(49 * time.Hour)
	sweep()
	_, _, err = b.Offset(as(t, vy), up)
	testkit.WantError(t, err, fault.NotFound("upload"))
}

func TestSweptBytesAreWrittenAnewAndMissingOnesFailTheAct(t *testing.T) {
	t.Parallel()
	b := setup(t)
	blob, err := b.Store(t.Context(), pdf)
	if err != nil {
		t.Fatal(err)
	}
	b.age(t, pdf, 25*time.Hour)
	if _, err := b.Store(t.Context(), pdf); err != nil { // somebody stores the same bytes again
		t.Fatal(err)
	}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.blobs(t)) != 1 {
		t.Fatal("bytes just stored were swept")
	}
	if err := os.Remove(filepath.Join(b.dir, place(pdf))); err != nil {
		t.Fatal(err)
	}
	if err := b.act(t, lan, func(ctx context.Context, act *audit.Act) error {
		_, err := b.Put(ctx, act, files.In{Blob: blob, Name: "x.pdf", Subject: dir1})
		return err
	}); err == nil {
		t.Error("a file without bytes was put")
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	blob, err := b.Store(t.Context(), pdf)
	if err != nil {
		t.Fatal(err)
	}
	want := []files.File{{ID: uuid.Must(uuid.NewV7()), SHA256: blob.Hash.String(), Size: blob.Size, MIME: "application/pdf", Name: "một.pdf",
		SubjectKind: dir1.Kind, SubjectID: &dir1.ID, Role: "paper", Scan: files.Unscanned, Pages: 1, Flaws: []files.Flaw{}, Persons: []uuid.UUID{vy.ID}, CreatedBy: &vy.ID,
		CreatedAt: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}}
	if err := b.book.Batch(as(t, lan), "files.load", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return 1, b.Load(ctx, tx, want)
	}); err != nil {
		t.Fatal(err)
	}
	got, err := b.List(t.Context(), b.Reader, dir1)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

func TestParallelPiecesOfOneUpload(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := as(t, vy)
	id, err := b.Begin(ctx, "a.pdf", int64(len(pdf)))
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan error)
	for range 8 { // eight tabs send the same last piece
		go func() {
			_, err := b.Append(ctx, id, 0, nil, bytes.NewReader(pdf))
			taken <- err
		}()
	}
	good := 0
	for range 8 {
		if err := <-taken; err == nil {
			good++
		} else if !errors.Is(err, fault.Conflict("files.offset")) {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("%d of eight equal pieces were taken", good)
	}
}

func BenchmarkStore(bb *testing.B) {
	block, err := files.New(bb.Context(), files.Config{Store: bb.TempDir(), Temp: bb.TempDir()})
	if err != nil {
		bb.Fatal(err)
	}
	n := 0
	for bb.Loop() {
		n++
		if _, err := block.Store(bb.Context(), fmt.Appendf(bytes.Repeat([]byte("x"), 20_000), "%d", n)); err != nil {
			bb.Fatal(err)
		}
	}
}

// What holds for a folder holds for a bucket.
func TestOnS3(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"pieces": TestUploadInPiecesGoesOnWhereItStopped, "sender": TestUploadBelongsToItsSender, "limits": TestUploadLimits,
		"types": TestTypesAreToldFromBytes, "once": TestEqualBytesAreKeptOnce, "open": TestOpeningNeedsTheGuardsWordAndIsWrittenDown,
		"attach": TestAttachTakesOnlyOnesOwnAndOnlyOnce, "load": TestLoad, "parallel": TestParallelPiecesOfOneUpload,
	} {
		t.Run(name, test)
	}
}

func TestSweepOnS3(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *files.Config) { c.S3 = s3test.Serve(t, 25*time.Hour) }) // what it stores is a day old at once
	if _, err := b.Store(t.Context(), append(bytes.Clone(pdf), "orphan"...)); err != nil {
		t.Fatal(err)
	}
	id := b.send(t, "a.pdf", pdf)
	if n := len(b.blobs(t)); n != 2 {
		t.Fatalf("%d blobs before the sweep", n)
	}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{place(pdf)}, b.blobs(t)); d != "" {
		t.Errorf("after the sweep (-want +got):\n%s", d)
	}
	b.attach(t, id)
	f, err := b.List(t.Context(), b.Reader, dir1)
	if err != nil || len(f) != 1 {
		t.Fatal(f, err)
	}
	if got, err := b.Bytes(t.Context(), f[0]); err != nil || !bytes.Equal(got, pdf) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
