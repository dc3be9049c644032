package letters

import "time"

// Paper is everything that stands on one paper. Only Issuer is needed; what is empty is
// left out, except Number and Date, for which a place is reserved when Symbol or Place is set.
type Paper struct {
	Superior string    // direct superior of the issuing body; "" when the form shows none
	Issuer   string    // issuing body
	Number   string    // e.g. "05"; "" reserves a place for the clerk
	Symbol   string    // what follows the number and its slash, e.g. "QĐ-UBND"; "" leaves the line out
	Place    string    // seat of the body, e.g. "Cà Mau"; "" leaves the line out
	Date     time.Time // day of issue in Vietnam; zero reserves a place for the clerk

	Title   string   // type name, e.g. "Quyết định"; "" for a công văn, whose Subject goes under the number
	Subject string   // what the paper is about
	To      []string // "Kính gửi"

	Body []Block

	Recipients []string // "Nơi nhận", without dash and semicolon
	Signer     Signer
	CoSigner   Signer // a second signer on the left, e.g. the applicant; zero when there is none

	Code      string // printed beside the QR code, e.g. the dossier's code
	CodeLabel string // "" means "Mã hồ sơ"
	VerifyURL string // address in the QR code; "" draws none
	Form      string // printed small in the foot, e.g. "Mẫu 01 (Thông tư 03/2025/TT-VPCP)"
	Demo      bool   // prints the line that denies legal value on every page

	Size   float64   // type size of the body in points, 13 or 14; 0 means 13
	SealMM float64   // true diameter of the body's seal; 0 means 36
	Made   time.Time // creation date in the file; zero leaves it out
}

// Signer is who signs and by which authority.
type Signer struct {
	Authority []string // lines before the position: "TM. Ủy ban nhân dân", "KT. Chủ tịch"
	Position  string   // "Phó Chủ tịch"
	Hint      string   // small line below, e.g. "Ký, ghi rõ họ tên"
	Name      string   // "" for a paper that only the body's seal vouches for
	SealOnly  bool     // the body's own seal signs: no place for a handwritten signature
}

func (s Signer) empty() bool {
	return len(s.Authority) == 0 && s.Position == "" && s.Name == "" && s.Hint == "" && !s.SealOnly
}

// Kind sorts blocks by how they are set.
type Kind string

// The kinds of blocks.
const (
	KindPara    Kind = "para"    // justified, first line indented
	KindPlain   Kind = "plain"   // justified, not indented
	KindBasis   Kind = "basis"   // legal basis, italic
	KindCentre  Kind = "centre"  // centred, bold
	KindHeading Kind = "heading" // bold, on the page of what follows
	KindArticle Kind = "article" // "Điều 1." bold, then text
	KindClause  Kind = "clause"  // "1." then text
	KindPoint   Kind = "point"   // "a)" then text, or "-"
	KindRows    Kind = "rows"    // label: value
	KindTable   Kind = "table"   // ruled table with a repeated head
	KindNote    Kind = "note"    // small italic
)

// Block is a part of the body. Label is the number of an article, clause or point. When
// and From serve templates only: the value without which the block is left out, and the
// list that fills the table.
type Block struct {
	Kind    Kind       `toml:"kind"`
	Label   string     `toml:"label"`
	Text    string     `toml:"text"`
	Rows    []Row      `toml:"rows"`
	Columns []Column   `toml:"columns"`
	Cells   [][]string `toml:"cells"`
	When    string     `toml:"when"`
	From    string     `toml:"from"`
}

// Row is one label with its value. Two Half rows in a row share a line. When serves
// templates only, as in Block.
type Row struct {
	Label  string `toml:"label"`
	Value  string `toml:"value"`
	Half   bool   `toml:"half"`
	Strong bool   `toml:"strong"` // bold value
	When   string `toml:"when"`
}

// Column heads a table column. Weight is its share of the width, 0 means 1; Align is
// "left" (also ""), "centre" or "right".
type Column struct {
	Title  string  `toml:"title"`
	Weight float64 `toml:"weight"`
	Align  string  `toml:"align"`
}

// Para is an indented paragraph.
func Para(text string) Block { return Block{Kind: KindPara, Text: text} }

// Basis is a legal basis in italics.
func Basis(text string) Block { return Block{Kind: KindBasis, Text: text} }

// Article is "Điều N." with its text.
func Article(number, text string) Block {
	return Block{Kind: KindArticle, Label: "Điều " + number + ".", Text: text}
}

// Clause is a numbered clause ("1.").
func Clause(label, text string) Block { return Block{Kind: KindClause, Label: label, Text: text} }

// Point is a lettered point ("a)") or a dash.
func Point(label, text string) Block { return Block{Kind: KindPoint, Label: label, Text: text} }

// Heading is a bold line that stays with what follows.
func Heading(text string) Block { return Block{Kind: KindHeading, Text: text} }

// Note is a small line in italics.
func Note(text string) Block { return Block{Kind: KindNote, Text: text} }

// Rows is a list of labels and values.
func Rows(rows ...Row) Block { return Block{Kind: KindRows, Rows: rows} }

// Table is a ruled table.
func Table(columns []Column, cells [][]string) Block {
	return Block{Kind: KindTable, Columns: columns, Cells: cells}
}

// Names of reserved places.
const (
	PlaceNumber    = "number"    // digits only; "Số:" and the symbol are printed
	PlaceDate      = "date"      // the whole of DateText: months differ in length
	PlaceSignature = "signature" // picture of the handwritten signature
	PlaceSeal      = "seal"      // picture of the seal, in its true size
)

// Place is a part of a page left open for later, in PDF points from the lower left corner.
// Text filled in stands on a baseline Descent × FontSize above Y and begins at X; Number is
// centred in W.
type Place struct {
	Name       string
	Page       int // from 1
	X, Y, W, H float64
	FontSize   float64 // 0 where a picture goes
	Italic     bool
}

// Descent is how far below its baseline a line of type reaches, as a share of its size.
const Descent = 0.22

// Letter is a finished paper.
type Letter struct {
	PDF    []byte
	Pages  int
	Places []Place
}
