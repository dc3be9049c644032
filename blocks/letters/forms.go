package letters

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"datmui/kit/clock"
	"datmui/kit/lang"
)

// The forms of the one-stop shop.
// law: public-services.md 5 — Circular 03/2025/TT-VPCP, Annex I: forms 01 to 06 and what each must hold.

// Head is what every form says about the body that issues it and the dossier it is about.
type Head struct {
	Superior, Issuer string // as in Paper
	Number, Symbol   string // "" and "" leave the number line out
	Place            string
	Date             time.Time

	Code      string // the dossier's code
	Procedure string // name of the procedure, with its code
	Owner     string // whose matter it is
	Applicant string // who handed it in, when not the owner
	Address   string
	Phone     string
	Email     string

	Signer    Signer // zero: the body's service seal alone
	VerifyURL string
	Demo      bool
	Made      time.Time
}

func (h Head) paper(form, title string) Paper {
	signer := h.Signer
	if signer.empty() {
		signer = Signer{Position: h.Issuer, Hint: "Con dấu, chữ ký số của cơ quan", SealOnly: true}
	}
	return Paper{Superior: h.Superior, Issuer: h.Issuer, Number: h.Number, Symbol: h.Symbol,
		Place: h.Place, Date: h.Date, Title: title, Signer: signer,
		Code: h.Code, VerifyURL: h.VerifyURL, Demo: h.Demo, Made: h.Made,
		Form: form + " (Thông tư 03/2025/TT-VPCP)"}
}

// about lists the dossier and its people.
func (h Head) about() Block {
	rows := []Row{{Label: "Mã hồ sơ", Value: h.Code, Strong: true}, {Label: "Chủ hồ sơ", Value: cmp.Or(h.Owner, h.Applicant), Strong: true}}
	if h.Applicant != "" && h.Applicant != h.Owner && h.Owner != "" {
		rows = append(rows, Row{Label: "Người nộp hồ sơ", Value: h.Applicant})
	}
	for _, r := range []Row{
		{Label: "Địa chỉ", Value: h.Address},
		{Label: "Số điện thoại", Value: h.Phone, Half: true},
		{Label: "Thư điện tử", Value: h.Email, Half: true},
	} {
		if r.Value != "" {
			rows = append(rows, r)
		}
	}
	return Rows(append(rows, Row{Label: "Nội dung yêu cầu giải quyết", Value: h.Procedure})...)
}

// TimeText is a moment as the forms write it, in Vietnam's time.
func TimeText(t time.Time) string {
	t = t.In(clock.Vietnam)
	return fmt.Sprintf("%02d giờ %02d phút, %s", t.Hour(), t.Minute(), DateText(t))
}

// Handed is one kind of paper in a dossier.
type Handed struct {
	Name                          string
	Originals, Copies, Electronic int // how many of each
	Note                          string
}

// ReceiptSlip is form 01: the receipt and the appointment for the result.
type ReceiptSlip struct {
	Head
	Papers     []Handed
	Limit      string // time the law gives, e.g. "03 ngày làm việc"
	ReceivedAt time.Time
	DueAt      time.Time // zero: no appointment, e.g. returned at once
	Return     string    // where and how the result comes
	Fee        string    // e.g. "8.000 đồng, đã nộp"; "" when there is none
	Receiver   string    // the officer at the counter
	Authority  string    // by what right the applicant acts for the owner; "" where she acts for herself
}

// Paper sets form 01.
func (f ReceiptSlip) Paper() Paper {
	p := f.paper("Mẫu 01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
	var cells [][]string
	for i, h := range f.Papers {
		cells = append(cells, []string{fmt.Sprint(i + 1), h.Name, count(h.Originals), count(h.Copies), count(h.Electronic), h.Note})
	}
	due := "Trả ngay khi giải quyết xong"
	if !f.DueAt.IsZero() {
		due = TimeText(f.DueAt)
	}
	p.Body = []Block{
		f.about(),
		Heading("1. Thành phần hồ sơ nộp gồm:"),
		Table([]Column{{Title: "TT", Weight: 0.5, Align: "centre"}, {Title: "Tên giấy tờ", Weight: 4},
			{Title: "Bản chính", Weight: 0.9, Align: "centre"}, {Title: "Bản sao", Weight: 0.8, Align: "centre"},
			{Title: "Điện tử", Weight: 0.8, Align: "centre"}, {Title: "Ghi chú", Weight: 1.6}}, cells),
		Rows(
			Row{Label: "2. Thời gian giải quyết theo quy định", Value: f.Limit},
			Row{Label: "3. Thời gian nhận hồ sơ", Value: TimeText(f.ReceivedAt)},
			Row{Label: "4. Thời gian trả kết quả", Value: due, Strong: true},
			Row{Label: "5. Nhận kết quả", Value: f.Return},
			Row{Label: "6. Phí, lệ phí", Value: cmp.Or(f.Fee, "Không")},
		),
	}
	p.CoSigner = Signer{Position: "Người nộp hồ sơ", Hint: "Ký, ghi rõ họ tên", Name: cmp.Or(f.Applicant, f.Owner)}
	if f.Receiver != "" {
		p.Body = append(p.Body, Rows(Row{Label: "7. Người tiếp nhận hồ sơ", Value: f.Receiver}))
	}
	if f.Authority != "" {
		p.Body = append(p.Body, Rows(Row{Label: "8. Nộp thay theo ủy quyền", Value: f.Authority}))
	}
	return p
}

// PaidLine is one fee on a receipt.
type PaidLine struct {
	Name   string
	Amount int64 // đồng
}

// Receipt is the receipt of a fee (biên lai).
// law: public-services.md 14 — template and series symbol, 7-digit number, unit, payer, fee name,
// amount in figures and words, date, collector; signed and kept.
type Receipt struct {
	Head
	Template, Series string
	Serial           int // its number in the series
	Payer            string
	Lines            []PaidLine
	Amount           int64 // đồng
	Way              string
	Collector        string
	PaidAt           time.Time
}

// Paper sets the receipt.
func (f Receipt) Paper() Paper {
	p := f.paper("", "Biên lai thu phí, lệ phí")
	p.Form = "Mẫu số " + f.Template
	ctx := lang.With(context.Background(), lang.Vietnamese)
	var cells [][]string
	for i, l := range f.Lines {
		cells = append(cells, []string{fmt.Sprint(i + 1), l.Name, lang.Money(ctx, l.Amount)})
	}
	words := []rune(lang.MoneyWords(ctx, f.Amount))
	words[0] = unicode.ToUpper(words[0])
	p.Body = []Block{
		Rows(Row{Label: "Mẫu số", Value: f.Template, Half: true}, Row{Label: "Ký hiệu", Value: f.Series, Half: true},
			Row{Label: "Số", Value: fmt.Sprintf("%07d", f.Serial), Strong: true},
			Row{Label: "Đơn vị thu", Value: f.Issuer}, Row{Label: "Người nộp tiền", Value: f.Payer, Strong: true},
			Row{Label: "Mã hồ sơ", Value: f.Code}, Row{Label: "Thủ tục", Value: f.Procedure}),
		Table([]Column{{Title: "TT", Weight: 0.5, Align: "centre"}, {Title: "Tên khoản thu", Weight: 4}, {Title: "Số tiền", Weight: 1.6, Align: "right"}}, cells),
		Rows(Row{Label: "Tổng số tiền", Value: lang.Money(ctx, f.Amount), Strong: true}, Row{Label: "Bằng chữ", Value: string(words)},
			Row{Label: "Hình thức nộp", Value: f.Way}, Row{Label: "Thời điểm thu", Value: TimeText(f.PaidAt)}, Row{Label: "Người thu", Value: f.Collector}),
	}
	return p
}

func count(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%02d", n)
}

// Missing is one thing a dossier lacks.
type Missing struct {
	What   string // the paper or the statement
	Why    string // what is wrong, and the legal basis
	Remedy string // how to put it right
}

// Supplement is form 02: the request for everything that is missing, at once.
type Supplement struct {
	Head
	Missing  []Missing
	Deadline time.Time // until when; zero when the procedure sets none
	Contact  string    // whom to ask
}

// Paper sets form 02.
func (f Supplement) Paper() Paper {
	p := f.paper("Mẫu 02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ")
	var cells [][]string
	for i, m := range f.Missing {
		cells = append(cells, []string{fmt.Sprint(i + 1), m.What, m.Why, m.Remedy})
	}
	p.Body = []Block{f.about(),
		Para("Đề nghị ông/bà bổ sung, hoàn thiện hồ sơ gồm những nội dung sau:"),
		Table([]Column{{Title: "TT", Weight: 0.5, Align: "centre"}, {Title: "Giấy tờ, nội dung", Weight: 2.4},
			{Title: "Lý do, căn cứ", Weight: 2.4}, {Title: "Cách thực hiện", Weight: 2.4}}, cells)}
	if !f.Deadline.IsZero() {
		p.Body = append(p.Body, Para("Thời hạn bổ sung: chậm nhất "+TimeText(f.Deadline)+". Thời gian chờ bổ sung không tính vào thời gian giải quyết."))
	}
	p.Body = append(p.Body, f.contact(f.Contact)...)
	return p
}

func (h Head) contact(who string) []Block {
	if who == "" {
		return nil
	}
	return []Block{Para("Nếu có vướng mắc, ông/bà liên hệ: " + who + ".")}
}

// Reason is why something is refused, and on what basis.
type Reason struct{ Text, Basis string }

// Refusal is form 03: a dossier is not accepted, or its wish not granted.
type Refusal struct {
	Head
	Reasons []Reason
	After   bool   // refused after examination, not at intake
	Guide   string // what the person can do now
	Contact string
}

// Paper sets form 03.
func (f Refusal) Paper() Paper {
	p := f.paper("Mẫu 03", "Phiếu từ chối tiếp nhận, giải quyết hồ sơ")
	what := "từ chối tiếp nhận"
	if f.After {
		what = "từ chối giải quyết"
	}
	p.Body = []Block{f.about(), Para(tidy(f.Issuer) + " " + what + " hồ sơ nêu trên với lý do như sau:")}
	for i, r := range f.Reasons {
		text := strings.TrimRight(tidy(r.Text), ".") + "."
		if r.Basis != "" {
			text += " Căn cứ: " + strings.TrimRight(tidy(r.Basis), ".") + "."
		}
		p.Body = append(p.Body, Clause(fmt.Sprintf("%d.", i+1), text))
	}
	if f.Guide != "" {
		p.Body = append(p.Body, Para("Hướng dẫn: "+f.Guide))
	}
	p.Body = append(p.Body, f.contact(f.Contact)...)
	return p
}

// Apology is form 04: sorry for being late, and the one new date.
type Apology struct {
	Head
	Due, NewDue time.Time
	Reason      string
	Extension   int // how many times the date has moved, this one included
	Contact     string
}

// Paper sets form 04.
func (f Apology) Paper() Paper {
	p := f.paper("Mẫu 04", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết")
	p.To = []string{"Ông/Bà " + cmp.Or(f.Applicant, f.Owner)}
	p.Body = []Block{f.about(),
		Para(tidy(f.Issuer) + " đã hẹn trả kết quả giải quyết hồ sơ vào " + TimeText(f.Due) + ". Đến nay hồ sơ chưa giải quyết xong. Lý do: " + strings.TrimRight(tidy(f.Reason), ".") + "."),
		Para(tidy(f.Issuer) + " xin lỗi ông/bà vì sự chậm trễ này và đề nghị gia hạn thời gian giải quyết đến " + TimeText(f.NewDue) + "."),
	}
	if f.Extension > 0 {
		p.Body = append(p.Body, Rows(Row{Label: "Lần gia hạn", Value: NumberText(f.Extension)}))
	}
	p.Body = append(p.Body, f.contact(f.Contact)...)
	return p
}

// Stop is form 05: work on the dossier ends.
type Stop struct {
	Head
	AskedBy   string // who asked: the applicant, or the body itself
	DecidedBy string // the official who decided, with the post; "" when a day has passed
	Reason    string
	Basis     string
	Money     string // what becomes of the fee; "" when there is none
	Contact   string
}

// Paper sets form 05.
func (f Stop) Paper() Paper {
	p := f.paper("Mẫu 05", "Thông báo")
	p.Subject = "Dừng giải quyết hồ sơ"
	rows := []Row{{Label: "Lý do", Value: f.Reason}, {Label: "Căn cứ", Value: f.Basis},
		{Label: "Phí, lệ phí", Value: cmp.Or(f.Money, "Không có")}}
	if f.DecidedBy != "" {
		rows = append([]Row{{Label: "Người quyết định", Value: f.DecidedBy}}, rows...)
	}
	if f.AskedBy != "" {
		rows = append([]Row{{Label: "Theo đề nghị của", Value: f.AskedBy}}, rows...)
	}
	p.Body = []Block{f.about(), Para(tidy(f.Issuer) + " thông báo dừng giải quyết hồ sơ nêu trên."), Rows(rows...)}
	p.Body = append(p.Body, f.contact(f.Contact)...)
	return p
}

// Step is one hand-over on the control slip.
type Step struct {
	From, To string // who gave, who took; with their units
	At       time.Time
	Result   string // "Trước hạn", "Đúng hạn", "Quá hạn"
	Note     string
}

// ControlSlip is form 06: every hand-over from intake to return.
type ControlSlip struct {
	Head
	ReceivedAt, DueAt time.Time
	Steps             []Step
}

// Paper sets form 06.
func (f ControlSlip) Paper() Paper {
	p := f.paper("Mẫu 06", "Phiếu kiểm soát quá trình giải quyết hồ sơ")
	var cells [][]string
	for i, st := range f.Steps {
		cells = append(cells, []string{fmt.Sprint(i + 1), st.From, st.To, st.At.In(clock.Vietnam).Format("15:04 02/01/2006"), st.Result, st.Note})
	}
	due := ""
	if !f.DueAt.IsZero() {
		due = TimeText(f.DueAt)
	}
	p.Body = []Block{f.about(),
		Rows(Row{Label: "Thời gian nhận hồ sơ", Value: TimeText(f.ReceivedAt)}, Row{Label: "Thời gian hẹn trả kết quả", Value: due}),
		Table([]Column{{Title: "TT", Weight: 0.5, Align: "centre"}, {Title: "Bên giao", Weight: 2}, {Title: "Bên nhận", Weight: 2},
			{Title: "Thời gian giao, nhận", Weight: 1.4, Align: "centre"}, {Title: "Kết quả", Weight: 1.1, Align: "centre"}, {Title: "Ghi chú", Weight: 1.6}}, cells)}
	return p
}

// Sent is one file a citizen sent along, with the checksum the system took of it.
type Sent struct {
	Name   string
	SHA256 string // hexadecimal
	Bytes  int64
}

// Notice says that an online dossier has arrived. It is no acceptance: form 01 with the due
// time comes when an officer accepts.
type Notice struct {
	Head
	SentAt   time.Time
	AnswerBy time.Time // law: public-services.md 3 — accept, supplement or refuse within 8 working hours
	Files    []Sent

	AtCounter bool  // it was handed in at a counter
	Parts     []Row // of an inter-linked set: code and name of each dossier
}

// Paper sets the notice.
func (f Notice) Paper() Paper {
	p := f.paper("", "Thông báo")
	p.Form = ""
	p.Subject = "Hệ thống đã nhận hồ sơ trực tuyến"
	if f.AtCounter {
		p.Subject = "Quầy tiếp nhận đã nhận hồ sơ"
	}
	var cells [][]string
	for i, s := range f.Files {
		cells = append(cells, []string{fmt.Sprint(i + 1), s.Name, fmt.Sprintf("%d kB", (s.Bytes+1023)/1024), s.SHA256})
	}
	p.Body = []Block{f.about(),
		Rows(Row{Label: "Thời điểm nộp", Value: TimeText(f.SentAt)})}
	if !f.AnswerBy.IsZero() { // none for a dossier received over the counter
		p.Body = append(p.Body, Rows(Row{Label: "Cơ quan trả lời chậm nhất", Value: TimeText(f.AnswerBy), Strong: true}))
	}
	if len(f.Parts) > 0 {
		p.Body = append(p.Body, Heading("Gồm các hồ sơ:"), Rows(f.Parts...))
	}
	if len(cells) > 0 {
		p.Body = append(p.Body, Heading("Tệp đã nhận:"),
			Table([]Column{{Title: "TT", Weight: 0.5, Align: "centre"}, {Title: "Tên tệp", Weight: 3},
				{Title: "Dung lượng", Weight: 1.1, Align: "right"}, {Title: "Mã kiểm tra SHA-256", Weight: 4}}, cells))
	}
	p.Body = append(p.Body, Para("Thông báo này xác nhận hồ sơ đã đến hệ thống. Hồ sơ được tiếp nhận giải quyết khi ông/bà nhận Giấy tiếp nhận hồ sơ và hẹn trả kết quả."))
	return p
}
