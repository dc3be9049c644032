package find

import (
	"slices"
	"strings"
	"testing"
)

func TestEverydayIsRead(t *testing.T) {
	e, err := readEveryday(everydayTxt)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.phrases) < 90 || len(e.stands) < 150 {
		t.Errorf("%d procedures, %d meanings", len(e.phrases), len(e.stands))
	}
	for text, says := range map[string]string{
		"bằng lái = giấy phép lái xe\nbang lai = x": "line 2",
		"1.001193: khai sinh ; ; khai tử":           "line 1",
		"nothing at all":                            "line 1",
		"said =":                                    "line 1",
		" ; x = y":                                  "line 1",
	} {
		if _, err := readEveryday(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		" Khai SINH, cho-con! ":    "khai sinh cho con",
		"đăng kí, đăng ký":         "dang ki dang ki",
		"quý quí kỹ mỹ ty thuy ay": "qui qui ki mi ti thuy ay",
		"ta\u0300u ca\u0301":       "tau ca", // decomposed
		"\u0301 \xff":              "",
	} {
		if got := strings.Join(plains(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, pair := range [][2]string{{"hòa", "hoà"}, {"thủy", "thuỷ"}, {"kỹ", "kĩ"}, {"lý", "lí"}, {"Đăng", "đăng"}} {
		a, b := words(pair[0], 1)[0], words(pair[1], 1)[0]
		if a != b {
			t.Errorf("%q is %q, %q is %q", pair[0], a, pair[1], b)
		}
	}
	for _, pair := range [][2]string{{"tàu", "táu"}, {"đất", "dat"}, {"hôn", "hơn"}} {
		if a, b := words(pair[0], 1)[0], words(pair[1], 1)[0]; a.marked == b.marked {
			t.Errorf("%q and %q are the same word", pair[0], pair[1])
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"sinh", "sinh", 0}, {"sinhh", "sinh", 1}, {"snih", "sinh", 1}, {"sin", "sinh", 1}, {"sanh", "sinh", 1}, {"kahi", "khai", 1},
		{"", "ab", 2}, {"abc", "xyz", 3}, {"giay", "giasy", 1}, {"nghiep", "ngiep", 1}, {"abcdef", "a", 3}} {
		if got := distance([]rune(tt.a), []rune(tt.b), 2); got != tt.want {
			t.Errorf("%q and %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := distance([]rune(tt.b), []rune(tt.a), 2); got != tt.want {
			t.Errorf("%q and %q: %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestKeyboards(t *testing.T) {
	for typed, want := range map[string]string{"ddawng": "dang", "giaays": "giay", "tauf": "tau", "cas": "ca", "nguwowif": "nguoi", "d9a8ng": "dang",
		"gia61y": "giay", "tuwr": "tu", "hoonj": "hon", "thuwj": "thu", "huwux": "huu"} {
		if got := keyboards(typed); !slices.Contains(got, want) {
			t.Errorf("%s gives %v, not %s", typed, got, want)
		}
	}
}

// small is a catalogue of a few, to see one rule at a time.
func small(t testing.TB) *Index {
	t.Helper()
	x, err := New([]Entry{
		{Code: "1.000001", Title: "Thủ tục đăng ký khai sinh", TitleEN: "Birth registration", Open: true},
		{Code: "1.000002", Title: "Thủ tục đăng ký khai tử"},
		{Code: "1.000003", Title: "Cấp giấy phép lái tàu"},
		{Code: "1.000004", Title: "Cấp giấy phép lái tàu", Open: true},
		{Code: "1.000005", Title: "Cấp thẻ hướng dẫn viên", Words: "guide du lịch tham quan"},
		{Code: "2.000001", Title: "Xóa đăng ký tàu cá"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func codes(list []Entry) string {
	var out []string
	for _, e := range list {
		out = append(out, e.Code)
	}
	return strings.Join(out, " ")
}

func TestSearch(t *testing.T) {
	x := small(t)
	for query, want := range map[string]string{
		"khai sinh":              "1.000001",
		"KHAI  SINH!":            "1.000001",
		"khaisinh":               "1.000001",
		"khai snih":              "1.000001",
		"birth":                  "1.000001",
		"khai tử":                "1.000002",
		"giấy phép lái tàu":      "1.000004 1.000003", // as good: what is open comes first
		"tham quan":              "1.000005",
		"xóa tàu":                "2.000001",
		"1.000003":               "1.000003",
		"1.00000":                "1.000001 1.000002 1.000003 1.000004 1.000005",
		"2.000001.000.00.00.H12": "2.000001",
		"9.999999":               "",
		"":                       "",
		"!?":                     "",
		"tôi muốn":               "",
		"xyzzy plugh":            "",
	} {
		got := codes(x.Search(query, 5))
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	if got := x.Search("đăng ký", 1); len(got) != 1 {
		t.Errorf("%d found, one was asked for", len(got))
	}
}

// Whatever is typed is answered, the same each time, with entries of the catalogue, each once.
func FuzzSearch(f *testing.F) {
	x := small(f)
	for _, q := range []string{"khai sinh", "ddawng kys", "1.001193", "d9a8ng", "\xff\xfe", "a\u0301\u0301", strings.Repeat("khaisinh", 9), strings.Repeat("tàu ", 80), "ﬃ İ ǆ"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		got := x.Search(q, 4)
		if len(got) > 4 {
			t.Fatalf("%d found", len(got))
		}
		seen := map[string]bool{}
		for _, e := range got {
			if _, ok := x.codes[e.Code]; !ok || seen[e.Code] {
				t.Fatalf("%q finds %q", q, codes(got))
			}
			seen[e.Code] = true
		}
		if again := x.Search(q, 4); !slices.Equal(got, again) {
			t.Fatalf("%q finds %q, then %q", q, codes(got), codes(again))
		}
		if all := x.Search(q, 100); !slices.Equal(all[:min(len(all), 4)], got) {
			t.Fatalf("%q: the best four of all are others", q)
		}
	})
}
