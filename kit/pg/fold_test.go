package pg_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"datmui/kit/pg"
)

const vietnamese = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz"

func TestFoldAgreesWithTheDatabase(t *testing.T) {
	db := open(t, t.TempDir())
	if err := pg.Migrate(t.Context(), db.Owner); err != nil {
		t.Fatal(err)
	}
	texts := []string{"", "Nguyễn Văn Đậu", "Xã Đất Mũi, tỉnh Cà Mau", "THỊ TRẤN NĂM CĂN", "Thửa 777/77-A", "Æther Ørsted Łódź straße œuvre", "  hai\tdòng\n"}
	for _, r := range vietnamese + strings.ToUpper(vietnamese) {
		texts = append(texts, string(r))
	}
	for _, s := range texts {
		for form, in := range map[string]string{"composed": norm.NFC.String(s), "decomposed": norm.NFD.String(s)} {
			want, err := pg.Value[string](db.Reader.Query(t.Context(), `SELECT public.vn_fold($1)`, in))
			if err != nil {
				t.Fatal(err)
			}
			if got := pg.Fold(in); got != want {
				t.Errorf("%s %q: Go folds to %q, the database to %q", form, in, got, want)
			}
		}
	}
}

// Every Latin letter of Unicode folds alike in Go and in the database, alone and in a word.
func TestFoldOfEveryLatinLetter(t *testing.T) {
	db := open(t, t.TempDir())
	if err := pg.Migrate(t.Context(), db.Owner); err != nil {
		t.Fatal(err)
	}
	var in []string
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Latin, r) {
			in = append(in, string(r), "Lê "+string(r)+"x", norm.NFD.String(string(r)))
		}
	}
	if len(in) < 4000 {
		t.Fatalf("only %d texts", len(in))
	}
	out, err := pg.Values[string](db.Reader.Query(t.Context(), `SELECT public.vn_fold(x) FROM unnest($1::text[]) WITH ORDINALITY u (x, n) ORDER BY n`, in))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range in {
		if got := pg.Fold(s); got != out[i] {
			t.Errorf("%q (%U): Go folds to %q, the database to %q", s, []rune(s), got, out[i])
		}
	}
}

// What is folded is folded: twice is once, for every letter there is.
func TestFoldTwice(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once := pg.Fold(string(r))
		if again := pg.Fold(once); again != once {
			t.Errorf("folding %q (%U) twice: %q, then %q", r, r, once, again)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Nguyễn Văn Đậu", norm.NFD.String("Ngọc Hiển"), "\xff", "İ", "\u0301", "ǿ", "ǽ", "Ʀ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := pg.Fold(s)
		if again := pg.Fold(once); again != once {
			t.Errorf("folding %q twice: %q, then %q", s, once, again)
		}
	})
}
