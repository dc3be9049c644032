package servicespage

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/files/filespage"
	"datmui/blocks/worklist/worklistpage"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func numeric(f ui.Field) ui.Field {
	f.Mode, f.Width = "numeric", "w20"
	return f
}

func dated(f ui.Field) ui.Field { return ui.Optionally(ui.Dated(f)) }

func unitField(f ui.Field, unit string) ui.Field {
	f.Unit, f.Mode, f.Width = unit, "numeric", "w12"
	return f
}

// named gives a repeated field its own name.
func named(f ui.Field, name string) ui.Field { f.Name = name; return f }

// faulted shows the fault of another name at a field; the first row also that of the whole list.
func faulted(ctx context.Context, f ui.Form, field ui.Field, name string, first bool) ui.Field {
	field.Fault = f.Fault(ctx, name)
	if code, ok := f.Faults[name]; ok {
		field.Fault = askFault(ctx, name[strings.LastIndexByte(name, '.')+1:], code)
	}
	if field.Fault == "" && first {
		field.Fault = f.Fault(ctx, "items")
	}
	return field
}

// askFault is what is wrong with one part of an item: what is missing, or how to mend it.
func askFault(ctx context.Context, part, code string) string {
	return ui.Form{Prefix: "services.ask", Faults: fault.Fields{part: code}}.Fault(ctx, part)
}

func buttonKind(act string) string {
	switch act {
	case services.ActRefuse, services.ActStop:
		return "fault"
	case services.ActSendBack, services.ActExtend, services.ActReopen, services.ActForward, services.ActAssign:
		return "quiet"
	}
	return ""
}

// keyOf is the key that sends an act's form: s signs while the key is open; else it leads to the PIN.
func (v dossierView) keyOf(act string) string {
	if act == services.ActSign && v.pinOpen {
		return "s"
	}
	return ""
}

// summaryKey opens the form that gives the dossier to a colleague.
func summaryKey(act string) templ.Attributes {
	if act == services.ActForward || act == services.ActAssign {
		return templ.Attributes{"data-key": "a"}
	}
	return nil
}

// keys are those of the page, for what may be done here now.
func (v dossierView) keys(ctx context.Context) []ui.Key {
	var out []ui.Key
	if v.beside.Prev != "" || v.beside.Next != "" {
		out = append(out, ui.Key{Keys: []string{"j", "k"}, Text: lang.T(ctx, "services.keys.turn")})
	}
	if len(v.acts) > 0 {
		out = append(out, ui.Key{Keys: []string{"n"}, Text: lang.T(ctx, "ui.keys.next")})
	}
	if v.offers(services.ActAssign) && v.acts[0] != services.ActAssign || v.offers(services.ActForward) && v.acts[0] != services.ActForward {
		out = append(out, ui.Key{Keys: []string{"a"}, Text: lang.T(ctx, "ui.keys.assign")})
	}
	if v.mayHandOut {
		out = append(out, ui.Key{Keys: []string{"p"}, Text: lang.T(ctx, "services.take-home.button")})
	}
	if v.offers(services.ActSign) {
		out = append(out, ui.Key{Keys: []string{"s"}, Text: lang.T(ctx, "ui.keys.sign")})
	}
	return append(out, ui.Key{Keys: []string{"c"}, Text: lang.T(ctx, "services.note.text")}, ui.Key{Keys: []string{"Ctrl", "K"}, Text: lang.T(ctx, "ui.keys.command")})
}

func paperOptions(ctx context.Context, def services.Definition) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.ask.other")}}
	for _, r := range def.Papers {
		out = append(out, ui.Option{Value: r.Key, Label: r.NameIn(lang.From(ctx))})
	}
	return out
}

func colleagueOptions(ctx context.Context, list []services.Colleague) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "services.forward.choose")}}
	for _, c := range list {
		out = append(out, ui.Option{Value: c.ID.String(), Label: c.Name + " — " + c.Title})
	}
	return out
}

func recordHead(ctx context.Context, fr ui.Frame, v dossierView) ui.RecordHead {
	d := v.rec.Dossier
	h := ui.RecordHead{Code: d.Code, Title: v.rec.Def.NameIn(fr.Lang), Who: d.OwnerName, State: ui.Tag(stateTone(d.State), lang.T(ctx, d.State.Key()))}
	if d.Subject != "" {
		h.WhoMore = " — " + d.Subject
	}
	h.Prev, h.Next = v.beside.Prev, v.beside.Next
	for i, w := range v.viewers {
		if i > 0 {
			h.Lock += " · "
		}
		h.Lock += lang.T(ctx, "services.lock", "who", w.Name, "at", lang.Time(ctx, w.Since))
	}
	if dl, ok := deadline(ctx, d, fr.Now); ok {
		h.Due = &dl
	}
	h.Why = lang.T(ctx, "services.step."+or(d.Step, "end"))
	if len(v.acts) == 0 {
		h.WhyMore = lang.T(ctx, "services.nothing-for-you")
	}
	return h
}

// deadline shows the promise, or the eight-hour answer before it.
func deadline(ctx context.Context, d services.Dossier, now time.Time) (ui.Deadline, bool) {
	due, start := d.DueAt, d.AcceptedAt
	if due == nil {
		due, start = d.AnswerDue, &d.FiledAt
	}
	if due == nil {
		return ui.Deadline{}, false
	}
	out := ui.Deadline{Sub: lang.Time(ctx, *due) + ", " + due.In(clock.Vietnam).Format("2/1/2006")}
	switch {
	case d.FinishedAt != nil:
		out.Tone, out.Tenths, out.Head = ui.Done, 10, lang.T(ctx, "services.due.done")
		if d.Late(now) {
			out.Tone, out.Head = ui.Late, lang.T(ctx, "services.due.done-late")
		}
	case d.State.Terminal():
		return ui.Deadline{}, false
	case d.PausedAt != nil:
		out.Tone, out.Tenths, out.Head = ui.Pause, 5, lang.T(ctx, "services.due.paused")
	case now.After(*due):
		out.Tone, out.Tenths, out.Head = ui.Late, 10, lang.T(ctx, "services.due.late", "long", lang.Length(ctx, now.Sub(*due)))
	default:
		out.Head = lang.Left(ctx, *due, now)
		if span := due.Sub(*start); span > 0 {
			out.Tenths = int(10 * now.Sub(*start) / span)
		}
		if due.Sub(now) < 24*time.Hour {
			out.Tone = ui.Soon
		}
	}
	return out, true
}

func dossierFacts(ctx context.Context, rec services.Record) []ui.Fact {
	f := []ui.Fact{
		{Name: lang.T(ctx, "services.applicant"), Text: rec.ApplicantName},
		{Name: lang.T(ctx, "services.channel"), Text: lang.T(ctx, rec.Channel.Key())},
		{Name: lang.T(ctx, "services.support"), Text: supportName(ctx, rec)},
		{Name: lang.T(ctx, "services.receiving"), Text: agencyName(rec, rec.ReceivingAgency)},
		{Name: lang.T(ctx, "services.competent"), Text: agencyName(rec, rec.CompetentAgency)},
		{Name: lang.T(ctx, "services.filed-at"), Text: lang.DateTime(ctx, rec.FiledAt)},
		{Name: lang.T(ctx, "services.fee"), Text: feeLine(ctx, rec)},
		{Name: lang.T(ctx, "services.version"), Text: rec.Procedure + " v" + lang.Number(ctx, rec.Version)},
	}
	if rec.OnBehalf {
		f[1].Text = lang.T(ctx, "services.intake.on-behalf")
	}
	f = append(f, authorityFacts(ctx, rec)...)
	if rec.Holder != nil {
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.holder"), Text: rec.People[*rec.Holder]})
	}
	if rec.FirstDueAt != nil {
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.first-due"), Text: lang.DateTime(ctx, *rec.FirstDueAt)})
	}
	if rec.Number != nil {
		f = append(f, ui.Fact{Name: lang.T(ctx, "services.number-of"), Text: *rec.Number})
	}
	return f
}

func paperItem(ctx context.Context, rec services.Record, paper services.Paper) ui.FileItem {
	it := ui.FileItem{Name: paperName(ctx, rec.Def, paper.Place), Detail: lang.T(ctx, "services.papers.sheets", "originals", paper.Originals, "copies", paper.Copies)}
	if paper.FileID != nil {
		it.Detail = fileNote(ctx, paper) + seenNote(ctx, rec, *paper.FileID)
		it.Action = ui.Link{Text: lang.T(ctx, "services.open"), Href: PathFile(*paper.FileID)}
	}
	return it
}

// seenNote says when an officer first opened a file of hers; before the counter has answered also
// that none has yet.
func seenNote(ctx context.Context, rec services.Record, file uuid.UUID) string {
	if at, ok := rec.Seen[file]; ok {
		return " · " + lang.T(ctx, "services.papers.seen", "at", lang.DateTime(ctx, at))
	}
	if rec.State.Open() && rec.AcceptedAt == nil {
		return " · " + lang.T(ctx, "services.papers.unseen")
	}
	return ""
}

// fileNote says that a file came with the filing, or which paper of the store is used again.
func fileNote(ctx context.Context, paper services.Paper) string {
	if paper.Digitised < 2 {
		return lang.T(ctx, "services.papers.file")
	}
	return lang.T(ctx, "services.papers.reused", "name", paper.Name)
}

func outgoingItem(ctx context.Context, out services.Outgoing) ui.FileItem {
	it := ui.FileItem{Name: lang.T(ctx, "services.outgoing."+out.Kind), Icon: "seal", Detail: lang.T(ctx, "services.outgoing.state."+out.State)}
	if out.Number != "" {
		it.Name += " " + out.Number
	}
	if out.FileID != nil {
		it.Action = ui.Link{Text: lang.T(ctx, "services.open"), Href: PathFile(*out.FileID)}
	}
	return it
}

// deskPaperItem opens a paper beside the record and counts its pages.
func deskPaperItem(ctx context.Context, v dossierView, paper services.Paper) ui.FileItem {
	rec := v.rec
	it := ui.FileItem{Name: paperName(ctx, rec.Def, paper.Place), Detail: lang.T(ctx, "services.papers.sheets", "originals", paper.Originals, "copies", paper.Copies)}
	if paper.FileID != nil {
		f := rec.Contents[*paper.FileID]
		it.Detail = fileNote(ctx, paper) + scanNote(ctx, f) + pagesNote(ctx, f)
		if len(f.Flaws) > 0 {
			it.Detail += " · " + lang.T(ctx, "services.scan.unclear", "what", filespage.Flaws(ctx, f))
		}
		it.Action = ui.Link{Text: lang.T(ctx, "services.beside.open"), Href: v.docPath(*paper.FileID)}
	}
	return it
}

func deskOutgoingItem(ctx context.Context, v dossierView, out services.Outgoing) ui.FileItem {
	it := ui.FileItem{Name: lang.T(ctx, "services.outgoing."+out.Kind), Icon: "seal", Detail: lang.T(ctx, "services.outgoing.state."+out.State)}
	if out.Number != "" {
		it.Name += " " + out.Number
	}
	if out.FileID != nil {
		it.Action = ui.Link{Text: lang.T(ctx, "services.beside.open"), Href: v.docPath(*out.FileID)}
	}
	return it
}

// supportName is the point that helped to file.
func supportName(ctx context.Context, rec services.Record) string {
	if rec.SupportAgency == nil {
		return lang.T(ctx, "services.support.none")
	}
	return agencyName(rec, *rec.SupportAgency)
}

// asksNothing says whether an act is done by its button alone.
func asksNothing(v dossierView, act string) bool {
	switch act {
	case services.ActAccept, services.ActTake, services.ActNumber, services.ActAskFee:
		return true
	case services.ActSign:
		return v.pinOpen
	}
	return false
}

// textKey is the text of an act; a case officer's supplement request goes to the head first.
func (v dossierView) textKey(act, part string) string {
	if act == services.ActAsk && v.asksHead {
		return "services.ask." + part + ".head"
	}
	return "services." + act + "." + part
}

// client is the number of a form: the same when it comes back, so that it is the same send.
func (v dossierView) client(act string) string {
	if v.failed == act && v.stale == nil && v.typed.Get("client") != "" {
		return v.typed.Get("client")
	}
	return audit.NewClient()
}

// self is the record as it is now, with the desk beside it.
func (v dossierView) self() string { return worklistpage.Opened(PathDesk(v.rec.ID), v.beside.In) }

// docPath shows a paper beside the record.
func (v dossierView) docPath(file uuid.UUID) string {
	q := url.Values{"doc": {file.String()}}
	if v.beside.In != "" {
		q.Set(worklistpage.In, v.beside.In)
	}
	return PathDesk(v.rec.ID) + "?" + q.Encode()
}

// docName is what the paper shown beside is.
func (v dossierView) docName(ctx context.Context) string {
	for _, o := range v.rec.Outgoing {
		if o.FileID != nil && *o.FileID == v.doc {
			return lang.T(ctx, "services.outgoing."+o.Kind)
		}
	}
	for _, p := range v.rec.Papers {
		if p.FileID != nil && *p.FileID == v.doc {
			return paperName(ctx, v.rec.Def, p.Place)
		}
	}
	return v.rec.Contents[v.doc].Name
}

// docTabs lead to the paper before and the one after, and away from it.
func (v dossierView) docTabs(ctx context.Context) []ui.Tab {
	var all []uuid.UUID
	for _, p := range v.rec.Papers {
		if p.FileID != nil {
			all = append(all, *p.FileID)
		}
	}
	for _, o := range v.rec.Outgoing {
		if o.FileID != nil {
			all = append(all, *o.FileID)
		}
	}
	i := slices.Index(all, v.doc)
	var out []ui.Tab
	if i > 0 {
		out = append(out, ui.Tab{Text: lang.T(ctx, "ui.prev"), Href: v.docPath(all[i-1])})
	}
	if i >= 0 && i+1 < len(all) {
		out = append(out, ui.Tab{Text: lang.T(ctx, "ui.next"), Href: v.docPath(all[i+1])})
	}
	return append(out, ui.Tab{Text: lang.T(ctx, "services.beside.close"), Href: v.self()})
}

// typedWords are the words that were typed into a form that was refused, so that they are not lost.
func (v dossierView) typedWords() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(v.typed)) {
		switch name {
		case "client", "seen", worklistpage.In, "id", "pin", "head", "doc":
			continue
		}
		for _, text := range v.typed[name] {
			if strings.ContainsRune(strings.TrimSpace(text), ' ') || text != "" && isTyped(name) { // words, not the value of a choice
				out = append(out, text)
			}
		}
	}
	return out
}

// isTyped says whether a field is one that people type into.
func isTyped(name string) bool {
	name, _, _ = strings.Cut(name, ".")
	return slices.Contains([]string{"reason", "basis", "note", "text", "what", "how", "override", "days", "amount", "reference", "receiver", "identity", "value", "carrier", "number", "address", "authority_certifier", "authority_number", "authority_scope"}, name)
}

// faultLines lead to the fields at fault, also those of repeated rows.
func faultLines(ctx context.Context, v dossierView) []ui.ErrorLine {
	out := v.form(v.failed).Errors(ctx)
	for i, line := range out {
		at := strings.Index(line.Field, "items")
		if at < 0 {
			continue
		}
		n, part, ok := itemField(line.Field[at:])
		if !ok {
			n, part = 0, "what" // the list as a whole is mended in its first row
		} else {
			code := v.faults[line.Field[at:]]
			out[i].Text = lang.T(ctx, "services.ask.item", "n", strconv.Itoa(n+1)) + ": " + askFault(ctx, part, code)
		}
		out[i].Field = line.Field[:at] + slot(part, n)
	}
	return out
}

// first is the field in which whoever comes to the page begins to type.
func first(f ui.Field) ui.Field {
	f.Attrs = templ.Attributes{"autofocus": true}
	return f
}

// keyed lets the key c enter the note.
func keyed(f ui.Field) ui.Field {
	f.Attrs, f.Rows = templ.Attributes{"data-key": "c"}, 2
	return f
}

func placeOptions(ctx context.Context, def services.Definition) []ui.Option {
	var out []ui.Option
	for _, r := range def.Papers {
		out = append(out, ui.Option{Value: r.Key, Label: r.NameIn(lang.From(ctx))})
	}
	return out
}

func signingKeys(ctx context.Context) []ui.Key {
	return []ui.Key{
		{Keys: []string{"j", "k"}, Text: lang.T(ctx, "ui.keys.move")},
		{Keys: []string{"Enter"}, Text: lang.T(ctx, "ui.keys.open")},
		{Keys: []string{"x"}, Text: lang.T(ctx, "ui.keys.pick")},
		{Keys: []string{"s"}, Text: lang.T(ctx, "ui.keys.sign")},
		{Keys: []string{"Ctrl", "K"}, Text: lang.T(ctx, "ui.keys.command")},
	}
}
