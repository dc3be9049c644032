package identitypage

import (
	"context"

	"github.com/a-h/templ"

	"datmui/blocks/identity"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// attrs makes attributes of alternating names and values.
func attrs(pairs ...string) templ.Attributes {
	a := templ.Attributes{}
	for i := 0; i+1 < len(pairs); i += 2 {
		a[pairs[i]] = pairs[i+1]
	}
	return a
}

func codeField(ctx context.Context, form ui.Form) ui.Field {
	f := form.Field(ctx, "code", "")
	f.Complete, f.Width = "one-time-code", "w12"
	f.Attrs = attrs("autocapitalize", "none", "spellcheck", "false")
	return f
}

func secretField(ctx context.Context, form ui.Form, name, complete string) ui.Field {
	f := form.Field(ctx, name, "")
	f.Type, f.Complete = "password", complete
	return f
}

func labelField(ctx context.Context, form ui.Form) ui.Field {
	f := form.Field(ctx, "label", "")
	f.Optional, f.Width, f.Max = true, "w20", 60
	return f
}

// about is what a demonstration account is good for; such texts are data of the demonstration.
func about(ctx context.Context, a identity.DemoAccount) string {
	if lang.From(ctx) == lang.English && a.AboutEn != "" {
		return a.AboutEn
	}
	return a.About
}

func machine(ctx context.Context, agent string) string {
	if agent == "" {
		return lang.T(ctx, "identity.machine")
	}
	return agent
}

func levelKey(level int) string {
	if level >= 2 {
		return "identity.level.2"
	}
	return "identity.level.1"
}

func passwordKey(has bool) string {
	if has {
		return "identity.password.has"
	}
	return "identity.password.none"
}

func totpKey(has bool) string {
	if has {
		return "identity.totp.has"
	}
	return "identity.totp.none"
}

// again is where a person proves again that it is she.
func again(kind string) string {
	if kind == identity.KindCitizen {
		return PathCitizen
	}
	return PathSignIn
}

// managedState says how far an account is.
func managedState(m identity.Managed) string {
	switch {
	case m.State != "active":
		return "identity.managed.closed"
	case !m.Ready:
		return "identity.managed.waits"
	case !m.Second:
		return "identity.managed.half"
	}
	return "identity.managed.ready"
}

// unlinked are lines of an error summary on a page with several forms of the same fields.
func unlinked(lines []ui.ErrorLine) []ui.ErrorLine {
	for i := range lines {
		lines[i].Field = ""
	}
	return lines
}
