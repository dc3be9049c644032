package services

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/letters"
	"datmui/blocks/pay"
	"datmui/kit/fault"
	"datmui/kit/jobs"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// Kinds of papers that go out.
// law: public-services.md 5 — Forms 01 to 05 of Circular 03/2025/TT-VPCP.
const (
	OutgoingReceipt = "receipt" // electronic notice of receipt with the eight-hour answer time
	OutgoingForm01  = "form-01"
	OutgoingForm02  = "form-02"
	OutgoingForm03  = "form-03"
	OutgoingForm04  = "form-04"
	OutgoingForm05  = "form-05"
	OutgoingPayment = "payment" // biên lai: the receipt of a fee
	OutgoingResult  = "result"
)

// Outgoing is a paper that was issued on a dossier.
type Outgoing struct {
	ID        uuid.UUID
	DossierID uuid.UUID
	Kind      string
	Number    string
	Data      json.RawMessage
	FileID    *uuid.UUID // nil until the job has made it
	Verify    string     // code printed on it
	State     string     // waiting, draft, signed, issued, replaced
	At        time.Time
}

const outgoingColumns = `id, dossier_id, kind, number, data, file_id, verify, state, at`

// newVerifyCode is what a stranger types to find a paper: 60 bits, in two groups that can be read
// out over the telephone.
func newVerifyCode() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails since Go 1.24
	s := base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding).EncodeToString(b)
	return s[:4] + "-" + s[4:8] + "-" + s[8:12]
}

// issue promises a paper with the act; a job makes and seals it a moment later.
func (m *Module) issue(act *audit.Act, d *Dossier, kind string, data map[string]any) {
	out := waiting(d, newID(), kind, data, act.At)
	act.Queue(`INSERT INTO services.outgoing (id, dossier_id, kind, data, verify, state, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`, out.values()...)
	act.Job(MakePaper{Outgoing: out.ID}, nil)
}

// waiting is a promised paper with what the act knows of it.
func waiting(d *Dossier, id uuid.UUID, kind string, data map[string]any, at time.Time) Outgoing {
	if data == nil {
		data = map[string]any{}
	}
	if d.DueAt != nil {
		data["due"] = d.DueAt.UTC() // as it stood: a later pause or extension does not change the paper
	}
	if d.AnswerDue != nil {
		data["answer"] = d.AnswerDue.UTC() // likewise: accepting a dossier ends the time for it
	}
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // texts, times and ids
	}
	return Outgoing{ID: id, DossierID: d.ID, Kind: kind, Data: raw, Verify: newVerifyCode(), State: "waiting", At: at}
}

func (o Outgoing) values() []any {
	return []any{o.ID, o.DossierID, o.Kind, o.Data, o.Verify, o.State, o.At}
}

// MakePaper is the job that sets, seals and files one outgoing paper. Running it twice does
// nothing the second time: the paper is no longer waiting.
type MakePaper struct {
	Outgoing uuid.UUID `json:"outgoing"`
}

// Kind names the job.
func (MakePaper) Kind() string { return "services.make-paper" }

// ExpireSupplements is the job that stops dossiers whose supplement was not given in time.
type ExpireSupplements struct{}

// Kind names the job.
func (ExpireSupplements) Kind() string { return "services.expire-supplements" }

// Jobs registers the workers of this app.
func (m *Module) Jobs(s *jobs.Set) {
	jobs.On(s, m.makePaper)
	jobs.On(s, func(ctx context.Context, _ ExpireSupplements) error { return m.Expire(ctx) })
	s.Every(15*time.Minute, ExpireSupplements{})
	jobs.On(s, func(ctx context.Context, _ CarryDossiers) error { return m.Carry(ctx) })
	s.Every(15*time.Minute, CarryDossiers{})
	jobs.On(s, func(ctx context.Context, _ ChasePayments) error { return m.ChaseFees(ctx) })
	s.Every(15*time.Minute, ChasePayments{})
	jobs.OnFor(s, bulkTime, m.runBulk)
	jobs.On(s, func(ctx context.Context, _ ChaseOpinions) error { return m.Chase(ctx) })
	s.Every(15*time.Minute, ChaseOpinions{})
	jobs.On(s, func(ctx context.Context, job FollowSet) error { return m.Follow(ctx, job.Set) })
	jobs.On(s, func(ctx context.Context, _ RemindOfResults) error { return m.Remind(ctx) })
	s.Every(24*time.Hour, RemindOfResults{})
	jobs.On(s, m.passOn)
	s.Every(15*time.Second, PassOn{})
	jobs.On(s, func(ctx context.Context, _ OpenProcedures) error { return m.OpenThose(ctx) })
	s.Every(15*time.Minute, OpenProcedures{})
}

func (m *Module) makePaper(ctx context.Context, job MakePaper) error {
	out, err := pg.One[Outgoing](m.db.Query(ctx, `SELECT `+outgoingColumns+` FROM services.outgoing WHERE id = $1`, job.Outgoing))
	if err != nil || out.State != "waiting" {
		return err
	}
	d, err := pg.One[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, out.DossierID))
	if err != nil {
		return err
	}
	paper, agency, err := m.formPaper(ctx, d, out)
	if err != nil {
		return fmt.Errorf("writing %s of %s: %w", out.Kind, d.Code, err)
	}
	letter, err := letters.Render(paper)
	if err != nil {
		return fmt.Errorf("setting %s of %s: %w", out.Kind, d.Code, err)
	}
	pdf, err := m.seal(ctx, agency, letter)
	if err != nil {
		return fmt.Errorf("sealing %s of %s: %w", out.Kind, d.Code, err)
	}
	return m.book.Act(ctx, "services.outgoing.issue", func(ctx context.Context, act *audit.Act) error {
		tag, err := act.Exec(ctx, `UPDATE services.outgoing SET state = 'issued' WHERE id = $1 AND state = 'waiting'`, out.ID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		act.About(dossierKind, d.Code, d.AuditPersons()...)
		file, err := m.keepFile(ctx, act, d, out.Kind, fileName(out.Kind, d.Code), pdf, letter.Pages)
		if err != nil {
			return err
		}
		act.Queue(`UPDATE services.outgoing SET file_id = $2, number = coalesce(nullif(number, ''), data->>'receipt', '') WHERE id = $1`, out.ID, file)
		return nil
	})
}

func fileName(kind, code string) string {
	return strings.ToUpper(kind[:1]) + kind[1:] + "-" + code + ".pdf"
}

// formData is what the act noted for the paper.
type formData struct {
	Due     time.Time `json:"due"`
	Answer  time.Time `json:"answer"`
	Reason  string    `json:"reason"`
	Basis   string    `json:"basis"`
	Request uuid.UUID `json:"request"`
	Before  time.Time `json:"before"`
	After   time.Time `json:"after"`
	Receipt string    `json:"receipt"` // series and number of the receipt of a fee
	Signer  uuid.UUID `json:"signer"`  // whose name stands on a drafted result
	Set     uuid.UUID `json:"set"`     // the inter-linked set that a receipt is about
}

// formPaper writes one of the forms; it also names the body whose service seal goes on it.
func (m *Module) formPaper(ctx context.Context, d Dossier, out Outgoing) (letters.Paper, string, error) {
	var data formData
	if err := json.Unmarshal(out.Data, &data); err != nil {
		return letters.Paper{}, "", err
	}
	def, err := m.Definition(ctx, d.Procedure, d.Version)
	if err != nil {
		return letters.Paper{}, "", err
	}
	agency := d.ReceivingAgency
	if out.Kind == OutgoingForm04 || out.Kind == OutgoingForm05 || (d.AcceptedAt != nil && out.Kind == OutgoingForm02) {
		agency = d.CompetentAgency
	}
	h, err := m.head(ctx, d, def, agency, out)
	if err != nil {
		return letters.Paper{}, "", err
	}
	papers, err := papersOf(ctx, m.db, d.ID)
	if err != nil {
		return letters.Paper{}, "", err
	}
	by, err := m.actedBy(ctx, d, out.At)
	if err != nil {
		return letters.Paper{}, "", err
	}
	switch out.Kind {
	case OutgoingReceipt:
		if data.Set != uuid.Nil {
			p, err := m.setReceipt(ctx, data, h, d.Channel != Online)
			return p, agency, err
		}
		sent, err := m.sent(ctx, d, papers)
		return letters.Notice{Head: h, SentAt: d.FiledAt, AnswerBy: data.Answer, AtCounter: d.Channel != Online, Files: sent}.Paper(), agency, err
	case OutgoingForm01:
		authority, err := authorityOf(ctx, m.db, d.ID)
		if err != nil {
			return letters.Paper{}, "", err
		}
		scans, err := m.files.List(ctx, m.db, files.Subject{Kind: filesKind, ID: d.ID})
		if err != nil {
			return letters.Paper{}, "", err
		}
		return letters.ReceiptSlip{Head: h, Authority: authorityText(authority), Papers: handed(def, papers, contentsOf(scans)), Limit: limitText(def.LimitFor(d.Answers)), ReceivedAt: *d.AcceptedAt, Receiver: by,
			DueAt: data.Due, Return: returnText[d.ReturnWay], Fee: feeText(d)}.Paper(), agency, nil
	case OutgoingForm02:
		req, err := pg.One[Request](m.db.Query(ctx, `SELECT `+requestColumns+` FROM services.request WHERE id = $1`, data.Request))
		if err != nil {
			return letters.Paper{}, "", err
		}
		s := letters.Supplement{Head: h, Deadline: req.SupplyBy}
		for _, it := range req.Items {
			why := it.Basis
			if why == "" {
				why = req.Basis
			}
			s.Missing = append(s.Missing, letters.Missing{What: it.What, Why: why, Remedy: it.How})
		}
		return s.Paper(), agency, nil
	case OutgoingForm03:
		return letters.Refusal{Head: h, Reasons: []letters.Reason{{Text: data.Reason, Basis: data.Basis}}}.Paper(), agency, nil
	case OutgoingForm04:
		return letters.Apology{Head: h, Due: data.Before, NewDue: data.After, Reason: data.Reason, Extension: d.Extensions}.Paper(), agency, nil
	case OutgoingForm05:
		money, err := m.moneyWhenStopped(ctx, d)
		return letters.Stop{Head: h, AskedBy: h.Issuer, DecidedBy: by, Reason: data.Reason, Basis: data.Basis, Money: money}.Paper(), agency, err
	}
	if out.Kind == OutgoingPayment {
		p, err := m.paymentPaper(ctx, d, data.Receipt, h)
		return p, agency, err
	}
	return letters.Paper{}, "", fmt.Errorf("there is no form for %q", out.Kind)
}

// actedBy is who moved the dossier at a moment, with her post; "" for the system.
func (m *Module) actedBy(ctx context.Context, d Dossier, at time.Time) (string, error) {
	list, err := pg.All[struct{ Name, Post string }](m.db.Query(ctx, `SELECT actor_name AS name, actor_post AS post FROM services.move
		WHERE dossier_id = $1 AND at = $2 AND actor IS NOT NULL ORDER BY n DESC LIMIT 1`, d.ID, at))
	if err != nil || len(list) == 0 {
		return "", err
	}
	if list[0].Post == "" {
		return list[0].Name, nil
	}
	return list[0].Name + ", " + list[0].Post, nil
}

// sent lists the files that came with a dossier, with the checksums the system took of them.
func (m *Module) sent(ctx context.Context, d Dossier, papers []Paper) ([]letters.Sent, error) {
	list, err := m.files.List(ctx, m.db, files.Subject{Kind: filesKind, ID: d.ID})
	if err != nil {
		return nil, err
	}
	var out []letters.Sent
	for _, f := range list {
		if slices.ContainsFunc(papers, func(p Paper) bool { return p.FileID != nil && *p.FileID == f.ID && !p.AddedAt.After(d.FiledAt) }) {
			out = append(out, letters.Sent{Name: f.Name, SHA256: f.SHA256, Bytes: f.Size})
		}
	}
	return out, nil
}

// moneyWhenStopped is what becomes of the fee of a dossier that is stopped.
// law: public-services.md 5 — form 05: money consequence; 14 — refunds are allowed in few cases.
func (m *Module) moneyWhenStopped(ctx context.Context, d Dossier) (string, error) {
	if d.Fee == nil || *d.Fee == 0 {
		return "", nil
	}
	amount := lang.Money(lang.With(ctx, lang.Vietnamese), *d.Fee)
	if d.FeeState != "paid" {
		return amount + ", chưa nộp và không phải nộp nữa", nil
	}
	bills, err := m.pay.BillsOf(ctx, m.db, d.ID)
	for _, b := range bills {
		if b.State == pay.PaidUp && !b.Refundable {
			return amount + ", đã nộp, không được hoàn trả", err
		}
	}
	return amount + ", đã nộp, hoàn trả trong trường hợp pháp luật về phí, lệ phí cho phép", err
}

// head is what every form says about the body and the dossier.
func (m *Module) head(ctx context.Context, d Dossier, def Definition, agency string, out Outgoing) (letters.Head, error) {
	body, err := m.directory.Agency(ctx, agency, out.At)
	if err != nil {
		return letters.Head{}, err
	}
	superior := ""
	if body.Parent != "" {
		if p, err := m.directory.Agency(ctx, body.Parent, out.At); err == nil {
			superior = p.Name
		} else if fault.KindOf(err) != fault.KindNotFound {
			return letters.Head{}, err
		}
	}
	place, err := m.seatOf(ctx, body.UnitCode, out.At)
	if err != nil {
		return letters.Head{}, err
	}
	return letters.Head{Superior: superior, Issuer: body.Name, Place: place, Date: out.At, Code: d.Code,
		Procedure: def.Name + " (" + def.Code + ")", Owner: d.OwnerName, Applicant: d.ApplicantName, Phone: d.ApplicantPhone,
		VerifyURL: m.verifyURL(out.Verify), Demo: m.demo, Made: out.At}, nil
}

func (m *Module) verifyURL(code string) string { return m.origin + "/v/" + code }

// seatOf is the place name before the date.
// law: documents.md 3.2 — place for local bodies = the administrative unit of the seat.
func (m *Module) seatOf(ctx context.Context, unit string, at time.Time) (string, error) {
	u, err := m.directory.Unit(ctx, unit, at)
	if fault.KindOf(err) == fault.KindNotFound {
		return "Cà Mau", nil
	}
	return u.ShortName, err
}

// authorityText is by what right who filed it acts for another, as the forms write it.
func authorityText(a *Authority) string {
	if a == nil {
		return ""
	}
	ctx := lang.With(context.Background(), lang.Vietnamese)
	text := lang.T(ctx, "services.authority.kind."+a.Kind)
	if a.Kind == ByCertificate {
		text += fmt.Sprintf(" số %s ngày %s của %s", a.Number, a.GivenOn.Format("02/01/2006"), a.Certifier)
	}
	if a.Until != nil {
		text += ", đến hết ngày " + a.Until.Format("02/01/2006")
	}
	return text + ". Phạm vi: " + a.Scope
}

// handed lists what was handed in, with the pages of what was scanned.
// law: public-services.md 11 — at the counter: scan → check legibility, page count.
func handed(def Definition, papers []Paper, contents map[uuid.UUID]files.File) []letters.Handed {
	var out []letters.Handed
	for _, rule := range def.Papers {
		h, pages := letters.Handed{Name: rule.Name}, 0
		for _, p := range papers {
			if p.Place != rule.Key {
				continue
			}
			h.Originals += p.Originals
			h.Copies += p.Copies
			if p.FileID != nil {
				h.Electronic++
				pages += contents[*p.FileID].Pages
			}
		}
		if pages > 0 {
			h.Note = fmt.Sprintf("Bản điện tử: %d trang", pages)
		}
		if h.Originals+h.Copies+h.Electronic > 0 {
			out = append(out, h)
		}
	}
	return out
}

var returnText = map[string]string{
	"online":  "Bản điện tử trên CaMauG và Kho dữ liệu điện tử",
	"counter": "Tại Trung tâm Phục vụ hành chính công nơi nộp hồ sơ",
	"post":    "Qua dịch vụ bưu chính công ích",
}

// limitText is a limit as the forms write it.
func limitText(limit string) string {
	n := strings.TrimRight(limit, "wdch")
	switch limit[len(n):] {
	case "wd":
		return n + " ngày làm việc"
	case "cd":
		return n + " ngày"
	case "wh":
		return n + " giờ làm việc"
	case "h":
		return n + " giờ"
	}
	return "Trong ngày làm việc"
}
