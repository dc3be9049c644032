package pg_test

import (
	"strings"
	"testing"

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
	for r := rune(0xC0); r < 0x180; r++ { // the Latin letters of our neighbours
		if !strings.ContainsRune("×÷ĲĳĿŀŉŊŋſĸ", r) {
			texts = append(texts, string(r))
		}
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

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Nguyễn Văn Đậu", norm.NFD.String("Ngọc Hiển"), "\xff", "İ", "\u0301", "ǿ", "ǽ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := pg.Fold(s)
		if again := pg.Fold(once); again != once {
			t.Errorf("folding %q twice: %q, then %q", s, once, again)
		}
	})
}
