package directorypage

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// about begins a form about a post: whose it is and the way back.
func (p *Pages) about(r *http.Request, prefix, act string, id uuid.UUID, faults fault.Fields) (formView, directory.Post, error) {
	v, err := p.view(r)
	if err != nil {
		return formView{}, directory.Post{}, err
	}
	post, err := p.directory.Post(r.Context(), id)
	if err != nil {
		return formView{}, post, err
	}
	return formView{view: v, Form: ui.Form{Prefix: prefix, Faults: faults}, Back: pathPerson(post.Person), BackText: post.Name,
		About: post.Name + ", " + post.Title + ", " + post.Body, Action: pathPost(id) + act}, post, nil
}

func (p *Pages) transferForm(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.TransferIn](r)
	in.Client = audit.NewClient()
	return p.showTransfer(w, r, in, nil)
}

func (p *Pages) showTransfer(w http.ResponseWriter, r *http.Request, in directory.TransferIn, faults fault.Fields) error {
	f, _, err := p.about(r, "directory.transfer", "/transfer", in.Post, faults)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if in.Agency == "" {
		return p.pickAgency(w, r, pickView{view: f.view, Prefix: "directory.transfer", Back: f.Back, BackText: f.BackText, Action: f.Action},
			func(a directory.Agency) string { return f.Action + "?agency=" + url.QueryEscape(a.ID) })
	}
	a, err := p.directory.Agency(ctx, in.Agency, f.At)
	if err != nil {
		return err
	}
	f.About += " → " + agencyName(ctx, a)
	f.Hidden = [][2]string{{"client", in.Client}, {"agency", in.Agency}}
	if err := p.postFields(r, &f, in.Position, in.Title, in.Basis, false); err != nil {
		return err
	}
	f.day(ctx, "on", in.On)
	return p.show(w, r, f)
}

func (p *Pages) transfer(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.TransferIn](r)
	post, err := p.directory.Post(r.Context(), in.Post)
	if err != nil {
		return err
	}
	_, err = p.directory.Transfer(r.Context(), in)
	if faults, other := refused(err); other != nil {
		return other
	} else if faults != nil {
		return p.showTransfer(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathPerson(post.Person), "directory.transfer.done")
}

func (p *Pages) endForm(w http.ResponseWriter, r *http.Request) error {
	return p.showEnd(w, r, web.Form[directory.EndIn](r), nil)
}

func (p *Pages) showEnd(w http.ResponseWriter, r *http.Request, in directory.EndIn, faults fault.Fields) error {
	f, _, err := p.about(r, "directory.end", "/end", in.Post, faults)
	if err != nil {
		return err
	}
	f.day(r.Context(), "on", in.On)
	f.text(r.Context(), "reason", in.Reason, false)
	return p.show(w, r, f)
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.EndIn](r)
	post, err := p.directory.Post(r.Context(), in.Post)
	if err != nil {
		return err
	}
	if faults, other := refused(p.directory.End(r.Context(), in)); other != nil {
		return other
	} else if faults != nil {
		return p.showEnd(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathPerson(post.Person), "directory.end.done")
}

func (p *Pages) leaveForm(w http.ResponseWriter, r *http.Request) error {
	return p.showLeave(w, r, web.Form[directory.LeaveIn](r), nil)
}

func (p *Pages) showLeave(w http.ResponseWriter, r *http.Request, in directory.LeaveIn, faults fault.Fields) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	name, err := p.directory.Name(r.Context(), in.Person)
	if err != nil {
		return err
	}
	f := formView{view: v, Form: ui.Form{Prefix: "directory.leave", Faults: faults}, Back: pathPerson(in.Person), BackText: name, Kind: "fault",
		About: name, Action: pathPerson(in.Person) + "/leave"}
	f.day(r.Context(), "on", in.On)
	f.text(r.Context(), "reason", in.Reason, false)
	return p.show(w, r, f)
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.LeaveIn](r)
	if faults, other := refused(p.directory.Leave(r.Context(), in)); other != nil {
		return other
	} else if faults != nil {
		return p.showLeave(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathPerson(in.Person), "directory.leave.done")
}

func (p *Pages) lendForm(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.DelegateIn](r)
	in.Client = audit.NewClient()
	return p.showLend(w, r, in, nil)
}

func (p *Pages) showLend(w http.ResponseWriter, r *http.Request, in directory.DelegateIn, faults fault.Fields) error {
	f, post, err := p.about(r, "directory.lend", "/lend", in.Post, faults)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if f.Actor.ID != post.Person && !f.Actor.May(directory.Manage, post.Agency) {
		return fault.Forbidden("directory.manage")
	}
	if in.Taker == uuid.Nil {
		return p.pickOfficial(w, r, pickView{view: f.view, Prefix: "directory.lend", Back: f.Back, BackText: f.BackText, Action: f.Action},
			func(c directory.Colleague) string { return f.Action + "?taker=" + c.ID.String() })
	}
	taker, err := p.directory.Name(ctx, in.Taker)
	if err != nil {
		return err
	}
	rights, err := p.directory.RightsOf(ctx, post.Position, f.At)
	if err != nil {
		return err
	}
	f.About += " → " + taker
	f.Hidden = [][2]string{{"client", in.Client}, {"taker", in.Taker.String()}}
	f.add("form", ui.Choice(f.Field(ctx, "form", in.Form), formOptions(ctx)))
	field := f.Field(ctx, "rights", "")
	field.Optional = true
	f.add("rights", ui.Ticks(field, rightOptions(ctx, rights), in.Rights))
	f.day(ctx, "from", in.From)
	f.day(ctx, "until", in.Until)
	f.text(ctx, "document", in.Document, false)
	f.text(ctx, "note", in.Note, true)
	return p.show(w, r, f)
}

func (p *Pages) lend(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.DelegateIn](r)
	post, err := p.directory.Post(r.Context(), in.Post)
	if err != nil {
		return err
	}
	_, err = p.directory.Delegate(r.Context(), in)
	if faults, other := refused(err); other != nil {
		return other
	} else if faults != nil {
		return p.showLend(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathPerson(post.Person), "directory.lend.done")
}

func (p *Pages) endDelegation(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		Delegation uuid.UUID `form:"delegation"`
		Back       uuid.UUID `form:"back"` // the person on whose page the button stands
	}](r)
	if err := p.directory.EndDelegation(r.Context(), in.Delegation); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathPerson(in.Back), "directory.lend.ended")
}

// correctForm shows the record with what may be mended.
func (p *Pages) correctForm(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("person"))
	if err != nil {
		return fault.NotFound("person")
	}
	o, err := p.directory.Person(r.Context(), id) // the whole record is shown: that it was opened is in the log
	if err != nil {
		return err
	}
	in := directory.CorrectIn{Person: id, Version: o.Version, PersonIn: personIn(o)}
	return p.showCorrect(w, r, in, nil)
}

func personIn(o directory.Person) directory.PersonIn {
	in := directory.PersonIn{Name: o.Name, PersonalID: o.PersonalID, Sex: o.Sex, Phone: o.Phone, Email: o.Email,
		ResidenceUnit: o.ResidenceUnit, Residence: o.Residence}
	if o.BirthDate != nil {
		in.BirthDate = o.BirthDate.Format("2006-01-02")
	}
	return in
}

func (p *Pages) showCorrect(w http.ResponseWriter, r *http.Request, in directory.CorrectIn, faults fault.Fields) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	f := formView{view: v, Form: ui.Form{Prefix: "directory.correct", Faults: faults}, Back: pathPerson(in.Person), BackText: in.Name,
		Action: pathPerson(in.Person) + "/correct",
		Hidden: [][2]string{{"version", strconv.Itoa(in.Version)}, {"residence_unit", in.ResidenceUnit}, {"residence", in.Residence}}}
	f.personFields(r, in.PersonIn)
	f.text(r.Context(), "basis", in.Basis, false)
	return p.show(w, r, f)
}

func (p *Pages) correct(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.CorrectIn](r)
	if faults, other := refused(p.directory.Correct(r.Context(), in)); other != nil {
		return other
	} else if faults != nil {
		return p.showCorrect(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathPerson(in.Person), "directory.correct.done")
}

// contact is how the reader herself is reached.
func (p *Pages) contact(w http.ResponseWriter, r *http.Request) error {
	o, err := p.directory.Person(r.Context(), actor.From(r.Context()).ID)
	if err != nil {
		return err
	}
	return p.showContact(w, r, directory.EditIn{Phone: o.Phone, Email: o.Email, ResidenceUnit: o.ResidenceUnit, Residence: o.Residence, Version: o.Version}, nil)
}

func (p *Pages) showContact(w http.ResponseWriter, r *http.Request, in directory.EditIn, faults fault.Fields) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	f := formView{view: v, Form: ui.Form{Prefix: "directory.me", Faults: faults}, Action: "/directory/me", Back: "/",
		Hidden: [][2]string{{"version", strconv.Itoa(in.Version)}}}
	if v.Actor.Kind == actor.Official {
		f.Back, f.BackText = pathPerson(v.Actor.ID), v.Actor.Name
	} else {
		f.Area = ui.Citizen
	}
	f.contactFields(r, in.Phone, in.Email)
	units, err := p.directory.Communes(r.Context(), v.At)
	if err != nil {
		return err
	}
	f.choose(r.Context(), "residence_unit", in.ResidenceUnit, unitOptions(r.Context(), units))
	f.text(r.Context(), "residence", in.Residence, true)
	return p.show(w, r, f)
}

func (p *Pages) saveContact(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.EditIn](r)
	if faults, other := refused(p.directory.EditProfile(r.Context(), in)); other != nil {
		return other
	} else if faults != nil {
		return p.showContact(w, r, in, faults)
	}
	return web.SeeOther(w, r, "/directory/me", "directory.me.done")
}
