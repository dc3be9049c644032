package servicesapi

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/blocks/partners"
	"datmui/blocks/pay"
	"datmui/blocks/pay/paypage"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
)

// Behalf says for whom a request acts.
type Behalf struct {
	Code string `header:"On-Behalf-Of" required:"true" minLength:"10" maxLength:"100" doc:"The code that the person gave when she let the partner act for her: dma_…"`
}

// Once makes a request safe to send again.
type Once struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"80" doc:"Made by the caller, new for each thing that is meant: the same key with the same body gets the first answer again"`
}

// client is the key as acts know it, apart from those of the person's own forms.
func (o Once) client() string { return "api:" + o.Key }

// Filing is a dossier to be filed.
type Filing struct {
	Procedure string         `json:"procedure" pattern:"^\\d\\.\\d{6}$"`
	Counter   string         `json:"counter" maxLength:"100" doc:"Who receives: id of a counter"`
	Unit      string         `json:"unit,omitempty" maxLength:"10" doc:"Commune whose body decides, for procedures of communes; none: that of the counter"`
	Answers   map[string]any `json:"answers" doc:"By the names of the questions; a group is a list of objects"`
	Papers    []FiledPaper   `json:"papers,omitempty" maxItems:"200"`
	Return    string         `json:"return" enum:"online,counter,post" doc:"How the result is wanted"`
	Phone     string         `json:"phone,omitempty" maxLength:"20"`
}

// FiledPaper is a file for a place in the list of papers, or for an item that was asked for.
type FiledPaper struct {
	Key  string    `json:"key" maxLength:"100"`
	File uuid.UUID `json:"file" format:"uuid"`
}

// Filed is what a filing got.
type Filed struct {
	Code     string     `json:"code" example:"H12.94.04-261123-0009"`
	State    int        `json:"state" doc:"One of the ten national codes"`
	AnswerBy *time.Time `json:"answer_by,omitempty" doc:"Until when the counter answers: eight working hours"`
	Parts    []string   `json:"parts,omitempty" doc:"Of an inter-linked set: the codes of its dossiers in their order; each is followed by its own, code is that of the whole"`
}

// Dossier is how a dossier stands.
type Dossier struct {
	Code      string     `json:"code"`
	Procedure string     `json:"procedure"`
	Version   int        `json:"version"`
	State     int        `json:"state" doc:"1 registered, 2 accepted, 3 refused, 4 in processing, 5 supplement requested, 6 payment requested, 7 withdrawn, 8 stopped, 9 result signed, 10 returned"`
	StateName string     `json:"state_name"`
	FiledAt   time.Time  `json:"filed_at"`
	AnswerBy  *time.Time `json:"answer_by,omitempty"`
	Accepted  *time.Time `json:"accepted_at,omitempty"`
	Due       *time.Time `json:"due,omitempty" doc:"The promised time"`
	Finished  *time.Time `json:"finished_at,omitempty"`
	Returned  *time.Time `json:"returned_at,omitempty"`
	Outcome   string     `json:"outcome,omitempty" enum:"granted,refused"`
	Number    string     `json:"number,omitempty" doc:"Number of the result"`
	Receiver  string     `json:"receiver" doc:"The counter"`
	Decider   string     `json:"decider" doc:"The body that decides"`
	Moves     []Move     `json:"moves"`
	Missing   *Missing   `json:"missing,omitempty" doc:"What is asked for now"`
	Set       *Set       `json:"set,omitempty" doc:"The inter-linked set it is part of"`
}

// Set is an inter-linked set: filed once, worked as several dossiers.
type Set struct {
	Code      string     `json:"code"`
	Procedure string     `json:"procedure"`
	Due       *time.Time `json:"due,omitempty" doc:"Until when all of it is promised"`
	Ended     *time.Time `json:"ended_at,omitempty" doc:"When all its dossiers were over"`
	Parts     []Part     `json:"parts"`
}

// Part is a dossier of a set.
type Part struct {
	Code      string `json:"code"`
	Procedure string `json:"procedure" doc:"A procedure, or the set's code with a number where the part is none"`
	State     int    `json:"state"`
	After     []int  `json:"after" doc:"Places, from 1, of the parts that must be granted before it starts"`
	Waits     bool   `json:"waits" doc:"One of those is still under way"`
	Failed    bool   `json:"failed" doc:"It came to nothing: what comes after it is stopped"`
}

// Move is a line of the control slip, without officials' names.
type Move struct {
	N    int       `json:"n"`
	From int       `json:"from"`
	To   int       `json:"to"`
	At   time.Time `json:"at"`
	Body string    `json:"body,omitempty"`
}

// Missing is a request for a supplement that waits.
type Missing struct {
	Until time.Time `json:"until"`
	Basis string    `json:"basis,omitempty"`
	Items []Item    `json:"items"`
}

// Item is one thing that is missing.
type Item struct {
	Key      string `json:"key"`
	What     string `json:"what"`
	How      string `json:"how"`
	Answered bool   `json:"answered"`
}

// Bill is what is to be paid.
type Bill struct {
	ID     uuid.UUID  `json:"id" format:"uuid"`
	Amount int64      `json:"amount" doc:"đồng"`
	State  pay.State  `json:"state" enum:"pending,flagged,paid,refunded,void"`
	Due    *time.Time `json:"due,omitempty"`
	Lines  []BillLine `json:"lines"`
	Says   string     `json:"says" doc:"What a transfer must say"`
	Page   string     `json:"page" format:"uri" doc:"Where the person pays it or sees that it is paid, and how to pay at the counter; she signs in there"`
	QR     string     `json:"qr,omitempty" doc:"VietQR of what is open, to be paid by any bank's app; the payment counts when the bank tells of it. None: it is paid at the counter"`
	To     *Account   `json:"to,omitempty" doc:"Where a transfer goes"`
}

// Account is where money is sent.
type Account struct {
	BIN     string `json:"bin" doc:"Of the bank, six digits" example:"970418"`
	Bank    string `json:"bank,omitempty"`
	Account string `json:"account"`
	Holder  string `json:"holder"`
}

// BillLine is a part of it.
type BillLine struct {
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

type fileIn struct {
	Behalf
	Once
	Body Filing
}

type DossierIn struct {
	Code string `path:"code" maxLength:"40" example:"H12.94.04-261123-0009"`
}

type listIn struct {
	After string `query:"after" maxLength:"100" doc:"next of the page before"`
}

type listOut struct {
	Body struct {
		Dossiers []Begun `json:"dossiers"`
		Next     string  `json:"next,omitempty"`
	}
}

// Begun is a dossier that the partner filed.
type Begun struct {
	Code    string    `json:"code"`
	FiledAt time.Time `json:"filed_at"`
}

type supplementIn struct {
	DossierIn
	Once
	Body struct {
		Papers  []FiledPaper      `json:"papers,omitempty" maxItems:"200"`
		Answers map[string]string `json:"answers,omitempty" doc:"Text for items that are no paper, by key"`
	}
}

type payIn struct {
	DossierIn
	Once
}

type withdrawIn struct {
	DossierIn
	Once
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	}
}

// listed is how many dossiers a page has.
const listed = 50

func (a *API) dossiers() {
	tags := []string{"dossiers"}
	register(a, keyed(partners.ScopeFile, huma.Operation{OperationID: "file-dossier", Method: http.MethodPost, Path: "/dossiers", Tags: tags, Summary: "File a dossier", DefaultStatus: http.StatusCreated,
		Description: "For the person in On-Behalf-Of. It gets its code at once and an answer within eight working hours.", Errors: []int{http.StatusConflict, http.StatusNotFound}}),
		func(ctx context.Context, in *fileIn) (*struct{ Body Filed }, error) {
			who, err := a.Partners.Behalf(ctx, in.Behalf.Code)
			if err != nil {
				return nil, err
			}
			out, err := a.Services.Submit(actor.With(ctx, who), services.SubmitIn{Client: in.client(), Procedure: in.Body.Procedure, Agency: in.Body.Counter, Unit: in.Body.Unit,
				ReturnWay: in.Body.Return, Phone: in.Body.Phone, Answers: answersOf(in.Body.Answers), Papers: papersOf(in.Body.Papers)})
			if err != nil {
				return nil, err
			}
			filed := Filed{Code: out.Code, State: int(services.Registered), Parts: out.Parts}
			if _, rec, err := a.open(ctx, append(out.Parts, out.Code)[0], partners.ScopeStatus); err == nil {
				filed.State, filed.AnswerBy = int(rec.State), rec.AnswerDue
			} else if fault.KindOf(err) != fault.KindForbidden { // it may file, and not look
				return nil, err
			}
			return &struct{ Body Filed }{filed}, nil
		})
	register(a, keyed(partners.ScopeStatus, huma.Operation{OperationID: "list-dossiers", Method: http.MethodGet, Path: "/dossiers", Tags: tags, Summary: "What the partner has filed", Description: "The newest first."}),
		func(ctx context.Context, in *listIn) (*listOut, error) {
			at, id := services.ParseKey(in.After)
			list, err := a.Partners.Begun(ctx, kind, at, id, listed+1)
			if err != nil {
				return nil, err
			}
			out := &listOut{}
			out.Body.Dossiers = []Begun{}
			for i, m := range list {
				if i == listed {
					out.Body.Next = services.MakeKey(list[i-1].BegunAt, list[i-1].Subject)
					break
				}
				out.Body.Dossiers = append(out.Body.Dossiers, Begun{m.Code, m.BegunAt})
			}
			return out, nil
		})
	register(a, keyed(partners.ScopeStatus, huma.Operation{OperationID: "get-dossier", Method: http.MethodGet, Path: "/dossiers/{code}", Tags: tags, Summary: "How a dossier stands", Description: "Each reading is written down for the person concerned.", Errors: []int{http.StatusNotFound}}),
		func(ctx context.Context, in *DossierIn) (*struct{ Body Dossier }, error) {
			_, rec, err := a.open(ctx, in.Code, partners.ScopeStatus)
			if err != nil {
				return nil, err
			}
			return &struct{ Body Dossier }{dossierOf(ctx, rec)}, nil
		})
	register(a, keyed(partners.ScopeFile, huma.Operation{OperationID: "supplement-dossier", Method: http.MethodPost, Path: "/dossiers/{code}/supplement", Tags: tags, Summary: "Give what was asked for", DefaultStatus: http.StatusNoContent,
		Description: "Only when every item is answered the dossier moves on; what came before is kept.", Errors: []int{http.StatusNotFound, http.StatusConflict}}),
		func(ctx context.Context, in *supplementIn) (*struct{}, error) {
			ctx, id, err := a.act(ctx, in.Code, partners.ScopeFile)
			if err != nil {
				return nil, err
			}
			return nil, a.Services.Supplement(ctx, services.SupplementIn{Dossier: id, Client: in.client(), Papers: papersOf(in.Body.Papers), Answers: in.Body.Answers})
		})
	register(a, keyed(partners.ScopeFile, huma.Operation{OperationID: "withdraw-dossier", Method: http.MethodPost, Path: "/dossiers/{code}/withdraw", Tags: tags, Summary: "Take a dossier back", DefaultStatus: http.StatusNoContent,
		Description: "Until the result is signed.", Errors: []int{http.StatusNotFound, http.StatusConflict}}),
		func(ctx context.Context, in *withdrawIn) (*struct{}, error) {
			ctx, id, err := a.act(ctx, in.Code, partners.ScopeFile)
			if err != nil {
				return nil, err
			}
			return nil, a.Services.Withdraw(ctx, services.WithdrawIn{Dossier: id, Client: in.client(), Reason: in.Body.Reason})
		})
	register(a, keyed(partners.ScopePay, huma.Operation{OperationID: "get-bills", Method: http.MethodGet, Path: "/dossiers/{code}/bills", Tags: tags, Summary: "What is to be paid, and how", Description: "With a VietQR code for what is open.", Errors: []int{http.StatusNotFound}}),
		func(ctx context.Context, in *DossierIn) (*struct{ Body []Bill }, error) {
			_, rec, err := a.open(ctx, in.Code, partners.ScopePay)
			if err != nil {
				return nil, err
			}
			out := &struct{ Body []Bill }{[]Bill{}}
			for _, b := range rec.Bills {
				bill, err := a.bill(ctx, b)
				if err != nil {
					return nil, err
				}
				out.Body = append(out.Body, bill)
			}
			return out, nil
		})
	register(a, keyed(partners.ScopePay, huma.Operation{OperationID: "start-payment", Method: http.MethodPost, Path: "/dossiers/{code}/payments", Tags: tags, Summary: "Start paying what is due", DefaultStatus: http.StatusCreated,
		Description: "Gives the open bill: the sum, the VietQR code and the account, and the page on which the person pays. Nothing is paid by that: the bill becomes paid, and dossier.paid is sent, when the bank tells of the money. Sent again it gives the bill as it stands. Where nothing is due it is a conflict.",
		Errors:      []int{http.StatusNotFound, http.StatusConflict}}),
		func(ctx context.Context, in *payIn) (*struct{ Body Bill }, error) {
			ctx, id, err := a.act(ctx, in.Code, partners.ScopePay)
			if err != nil {
				return nil, err
			}
			b, err := a.Services.Pay(ctx, services.PayIn{Dossier: id, Client: in.client()})
			if err != nil {
				return nil, err
			}
			out, err := a.bill(ctx, b)
			return &struct{ Body Bill }{out}, err
		})
	register(a, keyed(partners.ScopeResult, huma.Operation{OperationID: "get-result", Method: http.MethodGet, Path: "/dossiers/{code}/result", Tags: tags, Summary: "The result, signed", Description: "The PDF as it was issued; it can be verified at /verify.", Errors: []int{http.StatusNotFound},
		Responses: map[string]*huma.Response{"200": {Description: "The signed PDF", Content: map[string]*huma.MediaType{"application/pdf": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}}),
		a.result)
}

// open reads a dossier that the partner filed, as far as the person lets it.
func (a *API) open(ctx context.Context, code, scope string) (context.Context, services.Record, error) {
	ctx, id, err := a.act(ctx, code, scope)
	if err != nil {
		return ctx, services.Record{}, err
	}
	rec, err := a.Services.Dossier(ctx, id)
	return ctx, rec, err
}

// act is the context in which something is done about a dossier that the partner filed, as far as
// the person lets it: whatever it is, the partner must also be let see the dossier.
func (a *API) act(ctx context.Context, code, scope string) (context.Context, uuid.UUID, error) {
	id, who, err := a.Partners.Matter(ctx, kind, code)
	if err == nil && !(who.May(scope, id.String()) && who.May(partners.ScopeStatus, id.String())) {
		err = fault.Forbidden("partners.authorisation")
	}
	return actor.With(ctx, who), id, err
}

type resultOut struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        func(huma.Context)
}

func (a *API) result(ctx context.Context, in *DossierIn) (*resultOut, error) {
	ctx, rec, err := a.open(ctx, in.Code, partners.ScopeResult)
	if err != nil {
		return nil, err
	}
	o, ok := rec.Result()
	if !ok {
		return nil, fault.NotFound("services.result")
	}
	f, err := a.Files.Open(ctx, *o.FileID)
	if err != nil {
		return nil, err
	}
	return &resultOut{"application/pdf", `attachment; filename="` + strings.ReplaceAll(rec.Code, `"`, "") + `.pdf"`, func(c huma.Context) {
		defer func() { _ = f.Close() }()
		_, _ = io.Copy(c.BodyWriter(), f)
	}}, nil
}

func (a *API) bill(ctx context.Context, b pay.Bill) (Bill, error) {
	out := Bill{ID: b.ID, Amount: b.Amount, State: b.State, Due: b.DueAt, Lines: []BillLine{}, Says: b.Reference, Page: a.Origin + paypage.PathBill(b.ID)}
	for _, l := range b.Lines {
		out.Lines = append(out.Lines, BillLine{l.Name.In(lang.From(ctx)), l.Quantity, l.Amount})
	}
	if !b.Open() {
		return out, nil
	}
	qr, to, err := a.Pay.TransferQR(ctx, b)
	if fault.KindOf(err) == fault.KindNotFound {
		return out, nil // the body has no account: it is paid at the counter
	}
	bank, _ := pay.BankOf(to.BIN)
	out.QR, out.To = qr, &Account{to.BIN, bank.ShortName, to.Account, to.Holder}
	return out, err
}

func dossierOf(ctx context.Context, rec services.Record) Dossier {
	out := Dossier{Code: rec.Code, Procedure: rec.Procedure, Version: rec.Version, State: int(rec.State), StateName: lang.T(ctx, rec.State.Key()),
		FiledAt: rec.FiledAt, AnswerBy: rec.AnswerDue, Accepted: rec.AcceptedAt, Due: rec.DueAt, Finished: rec.FinishedAt, Returned: rec.ReturnedAt,
		Receiver: rec.Bodies[rec.ReceivingAgency], Decider: rec.Bodies[rec.CompetentAgency], Moves: []Move{}}
	if rec.Outcome != nil {
		out.Outcome = *rec.Outcome
	}
	if rec.Number != nil {
		out.Number = *rec.Number
	}
	for _, m := range rec.Slip {
		line := Move{N: m.N, To: int(m.ToState), At: m.At, Body: rec.Bodies[m.Agency]}
		if m.FromState != nil {
			line.From = int(*m.FromState)
		}
		out.Moves = append(out.Moves, line)
	}
	if rec.InSet != nil {
		out.Set = setOf(*rec.InSet)
	}
	if rec.State == services.AwaitingSupplement {
		for _, q := range rec.Requests {
			if q.State != "asked" || q.AnsweredAt != nil {
				continue
			}
			out.Missing = &Missing{Until: q.SupplyBy, Basis: q.Basis, Items: []Item{}}
			for _, it := range q.Items {
				out.Missing.Items = append(out.Missing.Items, Item{it.Key, it.What, it.How, it.Answered})
			}
		}
	}
	return out
}

func setOf(s services.LinkedSet) *Set {
	out := &Set{Code: s.Code, Procedure: s.Procedure, Due: s.DueAt, Ended: s.EndedAt}
	for _, p := range s.Parts {
		_, waits := s.WaitsFor(p)
		out.Parts = append(out.Parts, Part{Code: p.Code, Procedure: p.Procedure, State: int(p.State), After: p.After, Waits: waits, Failed: p.Failed()})
	}
	return out
}

func papersOf(list []FiledPaper) []services.PaperIn {
	var out []services.PaperIn
	for _, p := range list {
		out = append(out, services.PaperIn{Place: p.Key, File: p.File, Copies: 1})
	}
	return out
}

// answersOf are the answers as forms know them: what JSON has as a number or a yes is a text there.
func answersOf(in map[string]any) forms.Answers {
	out := forms.Answers{}
	for k, v := range in {
		out[k] = answerOf(v)
	}
	return out
}

func answerOf(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		for i := range v {
			v[i] = answerOf(v[i])
		}
		return v
	case map[string]any:
		return map[string]any(answersOf(v))
	}
	return v
}
