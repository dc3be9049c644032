package directorypage

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/fault"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// appointForm asks whom first, then for the post.
func (p *Pages) appointForm(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.AppointIn](r)
	in.Client, in.From = audit.NewClient(), cmp.Or(in.From, p.directory.Today().Format("2006-01-02"))
	return p.showAppoint(w, r, in, nil)
}

func (p *Pages) showAppoint(w http.ResponseWriter, r *http.Request, in directory.AppointIn, faults fault.Fields) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := p.directory.Agency(ctx, in.Agency, v.At)
	if err != nil {
		return err
	}
	action := pathAgency(in.Agency) + "/appoint"
	if in.Person == uuid.Nil {
		return p.pickPerson(w, r, pickView{view: v, Prefix: "directory.appoint", Back: pathAgency(in.Agency), BackText: agencyName(ctx, a), Action: action},
			func(o directory.Person) string { return action + "?person=" + o.ID.String() })
	}
	name, err := p.directory.Name(ctx, in.Person)
	if err != nil {
		return err
	}
	f := formView{view: v, Form: ui.Form{Prefix: "directory.appoint", Faults: faults}, Back: pathAgency(in.Agency), BackText: agencyName(ctx, a),
		About: joined(name, agencyName(ctx, a)), Action: action, Hidden: [][2]string{{"client", in.Client}, {"person", in.Person.String()}}}
	if err := p.postFields(r, &f, in.Position, in.Title, in.Basis, true); err != nil {
		return err
	}
	f.day(ctx, "from", in.From)
	return p.show(w, r, f)
}

// postFields are those every form about a new post has; free says that the decision may be left out.
func (p *Pages) postFields(r *http.Request, f *formView, position, title, basis string, free bool) error {
	positions, err := p.directory.Positions(r.Context())
	if err != nil {
		return err
	}
	f.choose(r.Context(), "position", position, positionOptions(r.Context(), positions))
	f.text(r.Context(), "title", title, true)
	f.text(r.Context(), "basis", basis, free)
	return nil
}

func (p *Pages) appoint(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.AppointIn](r)
	if in.Person == uuid.Nil && r.PostForm.Has("q") { // still looking for whom
		return p.showAppoint(w, r, in, nil)
	}
	_, err := p.directory.Appoint(r.Context(), in)
	if faults, other := refused(err); other != nil {
		return other
	} else if faults != nil {
		return p.showAppoint(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathPerson(in.Person), "directory.appoint.done")
}

func (p *Pages) enrolForm(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.EnrolIn](r)
	in.Client, in.From = audit.NewClient(), p.directory.Today().Format("2006-01-02")
	return p.showEnrol(w, r, in, nil)
}

func (p *Pages) showEnrol(w http.ResponseWriter, r *http.Request, in directory.EnrolIn, faults fault.Fields) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := p.directory.Agency(ctx, in.Agency, v.At)
	if err != nil {
		return err
	}
	f := formView{view: v, Form: ui.Form{Prefix: "directory.enrol", Faults: faults}, Back: pathAgency(in.Agency), BackText: agencyName(ctx, a),
		About: agencyName(ctx, a), Action: pathAgency(in.Agency) + "/enrol", Hidden: [][2]string{{"client", in.Client}}}
	f.personFields(r, in.PersonIn)
	if err := p.postFields(r, &f, in.Position, in.Title, in.Basis, true); err != nil {
		return err
	}
	f.day(ctx, "from", in.From)
	return p.show(w, r, f)
}

// personFields are those about who somebody is.
func (f *formView) personFields(r *http.Request, in directory.PersonIn) {
	ctx := r.Context()
	f.text(ctx, "name", in.Name, false)
	id := f.Field(ctx, "personal_id", in.PersonalID)
	id.Optional, id.Mode, id.Width = true, "numeric", "w20"
	f.add("personal_id", ui.Input(id))
	birth := f.Field(ctx, "birth_date", in.BirthDate)
	birth.Optional, birth.Type, birth.Width = true, "date", "w12"
	f.add("birth_date", ui.Input(birth))
	f.choose(ctx, "sex", in.Sex, sexes(ctx))
	f.contactFields(r, in.Phone, in.Email)
}

func (f *formView) contactFields(r *http.Request, phone, email string) {
	tel := f.Field(r.Context(), "phone", phone)
	tel.Optional, tel.Type, tel.Width = true, "tel", "w20"
	f.add("phone", ui.Input(tel))
	mail := f.Field(r.Context(), "email", email)
	mail.Optional, mail.Type = true, "email"
	f.add("email", ui.Input(mail))
}

func (p *Pages) enrol(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[directory.EnrolIn](r)
	person, err := p.directory.Enrol(r.Context(), in)
	if faults, other := refused(err); other != nil {
		return other
	} else if faults != nil {
		return p.showEnrol(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathPerson(person), "directory.enrol.done")
}

// mergeForm asks into which body this one goes.
func (p *Pages) mergeForm(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[mergeIn](r)
	in.Client = audit.NewClient()
	return p.showMerge(w, r, in, nil)
}

// mergeIn is the form of one body that ends; the act takes several.
type mergeIn struct {
	Client string `form:"client"`
	Agency string `form:"agency"`
	Into   string `form:"into"`
	On     string `form:"on"`
	Basis  string `form:"basis"`
}

func (p *Pages) showMerge(w http.ResponseWriter, r *http.Request, in mergeIn, faults fault.Fields) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := p.directory.Agency(ctx, in.Agency, v.At)
	if err != nil {
		return err
	}
	action := pathAgency(in.Agency) + "/merge"
	if in.Into == "" {
		return p.pickAgency(w, r, pickView{view: v, Prefix: "directory.merge", Back: pathAgency(in.Agency), BackText: agencyName(ctx, a), Action: action},
			func(to directory.Agency) string { return action + "?into=" + url.QueryEscape(to.ID) })
	}
	into, err := p.directory.Agency(ctx, in.Into, v.At)
	if err != nil {
		return err
	}
	f := formView{view: v, Form: ui.Form{Prefix: "directory.merge", Faults: faults}, Back: pathAgency(in.Agency), BackText: agencyName(ctx, a), Kind: "fault",
		About: agencyName(ctx, a) + " → " + agencyName(ctx, into), Action: action, Hidden: [][2]string{{"client", in.Client}, {"into", in.Into}}}
	f.day(ctx, "on", in.On)
	f.text(ctx, "basis", in.Basis, false)
	return p.show(w, r, f)
}

func (p *Pages) merge(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[mergeIn](r)
	err := p.directory.Merge(r.Context(), directory.MergeIn{Client: in.Client, From: []string{in.Agency}, Into: in.Into, On: in.On, Basis: in.Basis})
	if faults, other := refused(err); other != nil {
		return other
	} else if faults != nil {
		return p.showMerge(w, r, in, faults)
	}
	return web.SeeOther(w, r, pathAgency(in.Into), "directory.merge.done")
}
