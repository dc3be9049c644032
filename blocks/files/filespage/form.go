package filespage

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"datmui/kit/fault"
	"datmui/kit/web"
)

// Bounds of a form, beside its files.
const (
	formText  = 1 << 20 // bytes of all fields
	formParts = 1000
)

// Form reads a form that may bring files along, as browsers without a script send it. Files go
// to the block as they come, never whole into memory; the field "paper" gets its file's id as
// "paper.id", just where upload.js would put it. web.Form works on the request afterwards. Files
// that will not do are fault.Fields by the field's name; what else was sent is kept, so that the
// form can come back as it was. The route's Limit must allow for the files.
func (p *Pages) Form(r *http.Request) error {
	if r.MultipartForm != nil { // an address without room for files: the gate has read its form
		return nil
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return r.ParseForm()
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return fault.Fields{"": "files.form"}
	}
	form, wrong, left := url.Values{}, fault.Fields{}, int64(formText)
	for range formParts {
		part, err := parts.NextPart()
		if err == io.EOF {
			keep(r, form)
			return wrong.Err()
		} else if err != nil {
			return unread(err)
		}
		if err := p.part(r, part, form, wrong, &left); err != nil {
			return err
		}
	}
	return fault.Limit("files.form")
}

// part takes one field or file.
func (p *Pages) part(r *http.Request, part *multipart.Part, form url.Values, wrong fault.Fields, left *int64) error {
	name := part.FormName()
	if part.Header.Get("Content-Disposition") == "" || name == "" {
		return nil
	}
	if !isFile(part) {
		text, err := io.ReadAll(io.LimitReader(part, *left+1))
		if err != nil {
			return unread(err)
		}
		if *left -= int64(len(text)); *left < 0 {
			return fault.Limit("files.form")
		}
		form.Add(web.Text(name), web.Text(string(text)))
		return nil
	}
	body := bufio.NewReader(part)
	if _, err := body.Peek(1); err == io.EOF {
		return nil // nothing chosen
	}
	id, err := p.files.Receive(r.Context(), part.FileName(), body)
	var large *fault.Error
	if f, ok := errors.AsType[fault.Fields](err); ok {
		wrong.Set(name, f["file"])
		return nil
	} else if errors.As(err, &large) && large.Key == "files.large" {
		wrong.Set(name, "files.large")
		return nil
	} else if err != nil {
		return err
	}
	form.Add(name+".id", id.String())
	return nil
}

// isFile says whether a part is a file: only those have a filename, if an empty one.
func isFile(part *multipart.Part) bool {
	return part.FileName() != "" || strings.Contains(part.Header.Get("Content-Disposition"), "filename=")
}

// unread keeps the body limit's own error and calls everything else a broken form.
func unread(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return fmt.Errorf("%w: %w", fault.Fields{"": "files.form"}, err)
}

func keep(r *http.Request, form url.Values) {
	r.PostForm, r.Form = form, url.Values{}
	for _, from := range []url.Values{form, r.URL.Query()} {
		for k, v := range from {
			r.Form[k] = append(r.Form[k], v...)
		}
	}
	r.MultipartForm = &multipart.Form{Value: form}
}
