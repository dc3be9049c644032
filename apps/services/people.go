package services

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// person is the applicant, the owner or an officer, for use inside an act or a page that has
// recorded its own access.
func (m *Module) person(ctx context.Context, id uuid.UUID) (directory.Person, error) {
	return directory.ReadPerson(ctx, m.db, id)
}

// Colleague is somebody a dossier can be handed to.
type Colleague struct {
	ID    uuid.UUID
	Name  string
	Title string
}

// Colleagues lists the case officers of the body that handles a dossier.
func (m *Module) Colleagues(ctx context.Context, d Dossier) ([]Colleague, error) {
	me := actor.From(ctx).ID
	list, err := m.directory.Receivers(ctx, m.db, d.CompetentAgency, RightHandle, m.clock.Now())
	if err != nil {
		return nil, err
	}
	out := make([]Colleague, 0, len(list))
	for _, h := range list {
		if h.Person != me {
			out = append(out, Colleague{ID: h.Person, Name: h.Name, Title: h.Title})
		}
	}
	return out, nil
}

// PINOpen says whether the actor can sign without giving the PIN again.
func (m *Module) PINOpen(ctx context.Context) bool { return m.sign.PINOpen(ctx) }

// Now is the time of the module's clock.
func (m *Module) Now() time.Time { return m.clock.Now() }

// mayOpenBill lets those open what belongs to a dossier who may see it.
func (m *Module) mayOpenBill(ctx context.Context, r pg.Reader, a actor.Actor, dossier uuid.UUID) (bool, error) {
	_, may, err := m.seen(ctx, r, a, dossier)
	return may, err
}

// mayOpenFile lets those open a dossier's files who may see the dossier; its result only when it may
// leave the house, and in another's name only who may collect it.
func (m *Module) mayOpenFile(ctx context.Context, r pg.Reader, a actor.Actor, f files.File) (bool, error) {
	d, may, err := m.seen(ctx, r, a, *f.SubjectID)
	if err != nil || !may || f.Role != OutgoingResult || a.Kind == actor.Official {
		return may, err
	}
	if !a.MayFor(represent.Collect) {
		return false, nil
	}
	why, err := m.keptBack(ctx, r, &d)
	return why == "", err
}

// keptBack is why a signed result is not given out yet: what it costs is not paid, or originals of what
// was filed as copies have not been seen; "" when nothing keeps it. A fee that no officer has named yet
// is not held against her; the dossier itself ends only when it is known.
// law: public-services.md 4 — land: the originals are handed in when the result is collected.
func (m *Module) keptBack(ctx context.Context, r pg.Reader, d *Dossier) (why string, err error) {
	if d.feeDue() {
		return "services.unpaid", nil
	}
	def, err := m.Definition(ctx, d.Procedure, d.Version)
	if err != nil {
		return "", err
	}
	owed, err := originalsStillOwed(ctx, r, d, def)
	if len(owed) > 0 {
		why = "services.originals-owed"
	}
	return why, err
}

// seen reads a dossier and says whether the actor may see it.
func (m *Module) seen(ctx context.Context, r pg.Reader, a actor.Actor, id uuid.UUID) (Dossier, bool, error) {
	d, err := pg.One[Dossier](r.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, id))
	if err != nil {
		return d, false, err
	}
	may, err := m.maySee(ctx, d, a)
	return d, may, err
}

// FindApplicant finds the person at the counter by personal number or phone, for a procedure that
// she wants: without one nobody is looked for. The search is written down with it before anybody is
// shown. Where several bear the number they come with the fault: the officer chooses, not the program.
func (m *Module) FindApplicant(ctx context.Context, number, procedure string) (one directory.Person, several []directory.Person, err error) {
	def, err := m.Current(ctx, procedure, m.clock.Now())
	if err != nil {
		return one, nil, fault.Fields{"procedure": "required"}
	}
	list, err := m.directory.FindPersons(atCounter(ctx, def.Name), number)
	switch {
	case err != nil:
		return one, nil, err
	case len(list) == 0:
		return one, nil, fault.Fields{"number": "unknown"}
	case len(list) > 1:
		return one, list, fault.Fields{"number": "several"}
	}
	return list[0], nil, nil
}

// Applicant is the person an intake of a procedure goes on for; only those who receive may ask, and
// that they did is written down: an id can come from anywhere. "" is a procedure still to be chosen.
func (m *Module) Applicant(ctx context.Context, id uuid.UUID, procedure string) (directory.Person, error) {
	if !actor.From(ctx).MayAnywhere(RightReceive) {
		return directory.Person{}, fault.Forbidden("services.intake")
	}
	name := ""
	if def, err := m.Current(ctx, procedure, m.clock.Now()); err == nil {
		name = def.Name
	}
	return m.directory.Person(atCounter(ctx, name), id)
}

// atCounter says why an officer at the counter looks somebody up, and for which procedure; she reads
// it in her own log.
func atCounter(ctx context.Context, procedure string) context.Context {
	return audit.WithPurpose(ctx, counterPurpose(ctx, procedure))
}

func counterPurpose(ctx context.Context, procedure string) string {
	why := lang.T(lang.With(ctx, lang.Vietnamese), "services.purpose.intake")
	if procedure != "" {
		why += ": " + procedure
	}
	return why
}

// OwnCounter is the service centre at which the actor receives.
func (m *Module) OwnCounter(ctx context.Context) (string, error) {
	a := actor.From(ctx)
	where, _ := a.Where(RightReceive)
	for _, id := range append([]string{a.Office}, where...) {
		body, err := m.directory.Agency(ctx, id, m.clock.Now())
		if err == nil && body.Kind == counterKind && a.May(RightReceive, id) {
			return id, nil
		}
	}
	return "", fault.Forbidden("services.intake")
}

// counterKind is the kind of body that receives dossiers.
// law: public-services.md 2 — fact 3: public-service centres of province and communes.
const counterKind = "public-service centre"

// Counters lists the service centres that may have helped to file.
func (m *Module) Counters(ctx context.Context) ([]directory.Agency, error) {
	return m.directory.Agencies(ctx, directory.AgencyFilter{Kind: counterKind}, m.clock.Now())
}

// CounterOf is the service centre of a commune.
func (m *Module) CounterOf(ctx context.Context, unit string) (string, error) {
	if unit == "" {
		return "", fault.NotFound("agency")
	}
	list, err := m.directory.Agencies(ctx, directory.AgencyFilter{Unit: unit, Kind: counterKind}, m.clock.Now())
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fault.NotFound("agency")
	}
	return list[0].ID, nil
}

// Known is what the state holds of the citizen who files, for pre-filling, and of the child, ward or
// business for whom she does: what she may see of it.
// law: public-services.md 2 — fact 9: data the state already holds is not asked for again.
func (m *Module) Known(ctx context.Context) (map[string]string, error) {
	a := actor.From(ctx)
	p, err := m.person(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	out := m.KnownOf(ctx, p)
	if a.For.ID == uuid.Nil {
		return out, nil
	}
	maps.DeleteFunc(out, func(source, _ string) bool {
		return strings.HasPrefix(source, ofParty) || strings.HasPrefix(source, ofHead)
	})
	party, err := m.person(ctx, a.For.ID)
	if err != nil {
		return nil, err
	}
	if !party.Citizen {
		return out, m.knownBusiness(ctx, a, p, party, out)
	}
	whole := a.MayFor(represent.SeeAll)
	for source, v := range m.KnownOf(ctx, party) {
		if own := strings.TrimPrefix(source, ofParty); own != source && (whole || slices.Contains(declaredByFiler, own)) {
			out[source] = v
		}
	}
	return out, nil
}

// Sources of whose matter a request is and of who represents it: the filer's own where she acts in her
// own name.
const (
	ofParty = "party."
	ofHead  = "representative."
)

// declaredByFiler is what who acts for another has said herself: as long as no officer has seen the
// paper, she is shown no more of the record.
var declaredByFiler = []string{"name", "birth_date", "personal_id", "number"}

// knownBusiness adds what is known of a business: its name, its tax code, where it said last that it
// is, and who leads it. Her personal number is for herself alone.
func (m *Module) knownBusiness(ctx context.Context, a actor.Actor, me, business directory.Person, out map[string]string) error {
	mandate, err := represent.Open(ctx, m.db, a.ID, business.ID)
	if err != nil {
		return err
	}
	out["business.name"], out[ofParty+"name"], out[ofParty+"number"] = business.Name, business.Name, mandate.TaxCode
	if a.MayFor(represent.SeeAll) {
		if out[ofParty+"full_residence"], err = m.declaredSeat(ctx, business.ID); err != nil && fault.KindOf(err) != fault.KindNotFound {
			return err
		}
	}
	if mandate.Role == represent.Head {
		out[ofHead+"name"], out[ofHead+"personal_id"] = me.Name, me.PersonalID
		return nil
	}
	head, err := m.represent.Told(ctx, m.db, business.ID, uuid.Nil)
	if err != nil || head == business.ID {
		return err
	}
	leads, err := m.person(ctx, head)
	out[ofHead+"name"] = leads.Name
	return err
}

// declaredSeat is the address that a business last gave of itself.
func (m *Module) declaredSeat(ctx context.Context, business uuid.UUID) (string, error) {
	return pg.Value[string](m.db.Query(ctx, `SELECT seat FROM (
			SELECT coalesce(nullif(answers->>'vessel_owner_residence', ''), nullif(answers->>'land_user_residence', ''), answers->>'investor_residence') AS seat, filed_at
			FROM services.dossier WHERE applicant = $1 ORDER BY filed_at DESC, id DESC LIMIT 50) own
		WHERE seat <> '' ORDER BY filed_at DESC LIMIT 1`, business))
}

// KnownParty is what is known of the child or ward for whom the actor files, by the answers that say
// whose matter a dossier is.
func (m *Module) KnownParty(ctx context.Context, def Definition) (forms.Answers, error) {
	out, a := forms.Answers{}, actor.From(ctx)
	if a.For.ID == uuid.Nil || def.Owner.Name == "" {
		return out, nil
	}
	p, err := m.person(ctx, a.For.ID)
	if err != nil || !p.Citizen {
		return out, err
	}
	out[def.Owner.Name] = p.Name
	if def.Owner.ID != "" && p.PersonalID != "" {
		out[def.Owner.ID] = p.PersonalID
	}
	return out, nil
}

// KnownOf is what the state holds of a person, by the sources that forms name: as the one who files
// (person) and as the one whose matter it is (party).
func (m *Module) KnownOf(ctx context.Context, p directory.Person) map[string]string {
	out := map[string]string{"person.name": p.Name, "person.personal_id": p.PersonalID, "person.sex": p.Sex, "person.phone": p.Phone,
		"person.email": p.Email, "person.residence": p.Residence}
	if p.BirthDate != nil {
		out["person.birth_date"] = p.BirthDate.Format(time.DateOnly)
	}
	if p.PersonalID != "" {
		out["person.nationality"] = "Việt Nam" // law: public-services.md 13 — the number is a citizen's; foreigners may lack one
	}
	if own, err := m.declaredEthnicity(ctx, p.ID); err == nil {
		out["person.ethnicity"] = own
	}
	if u, err := m.directory.Unit(ctx, p.ResidenceUnit, m.clock.Now()); err == nil && u.Level == "commune" {
		out["person.in_province"], out["person.residence_unit"] = "yes", u.Code
		out["person.full_residence"] = p.Residence + ", " + directory.InLine(u.Name) + ", tỉnh Cà Mau"
	}
	for _, k := range []string{"name", "personal_id", "birth_date", "sex", "ethnicity", "nationality", "full_residence"} {
		if v, ok := out["person."+k]; ok {
			out[ofParty+k] = v
		}
	}
	out[ofParty+"number"], out[ofHead+"name"], out[ofHead+"personal_id"] = p.PersonalID, p.Name, p.PersonalID
	return out
}

// declaredEthnicity is what a person last said of herself in a matter of her own. Nobody's is guessed:
// without such a dossier it is NotFound, and the form asks.
func (m *Module) declaredEthnicity(ctx context.Context, person uuid.UUID) (string, error) {
	return pg.Value[string](m.db.Query(ctx, `SELECT answers->>'subject_ethnicity' FROM (
			SELECT answers, filed_at FROM services.dossier WHERE applicant = $1 ORDER BY filed_at DESC, id DESC LIMIT 50) own
		WHERE answers->>'relationship' = 'self' AND answers->>'subject_ethnicity' <> '' ORDER BY filed_at DESC LIMIT 1`, person))
}

// FeeOutline says in words what the procedure costs, before anything is answered.
func (m *Module) FeeOutline(def Definition) []pay.Text {
	return m.pay.Schedule().OutlineBy(def.FeeRules(m.pay.Schedule()), calendar.DateOf(m.clock.Now()))
}

// Quote is what filing with these answers costs, line by line. Where the schedule knows no amount it
// is not Known and Basis says why.
func (m *Module) Quote(def Definition, channel Channel, answers forms.Answers) (pay.Fee, error) {
	return m.Fee(def.Code, def, channel, answers, calendar.DateOf(m.clock.Now()))
}

// FeeWords is what filing with these answers costs, in words.
func (m *Module) FeeWords(ctx context.Context, def Definition, channel Channel, answers forms.Answers) string {
	if def.FeeMode == "none" {
		return lang.T(ctx, "services.fee.none")
	}
	fee, err := m.Quote(def, channel, answers)
	switch {
	case err != nil || !fee.Known:
		return lang.T(ctx, "services.fee.unknown")
	case fee.Amount == 0:
		return lang.T(ctx, "services.fee.none")
	}
	return lang.Money(ctx, fee.Amount)
}
