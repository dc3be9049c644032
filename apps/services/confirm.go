package services

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"datmui/apps/services/national"
	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/kit/fault"
)

// RightCatalogue is the right to say what holds about a procedure: an administrator's.
const RightCatalogue = "admin.instance"

// ConfirmIn enters what holds where something published is doubtful, and says who works the procedure.
type ConfirmIn struct {
	Client    string            `form:"client"`
	Code      string            `form:"code"`
	Seen      string            `form:"seen"`      // Published.Stamp of what was on the page
	By        string            `form:"by"`        // the document in which the official found it
	Authority string            `form:"authority"` // province, ministry or national; "" = not said yet
	Values    map[string]string `form:"-"`         // by Doubt.Key; "" leaves the doubt as it is
}

// Stamp changes with whatever an official enters.
func (p Published) Stamp() string {
	n, last := 0, int64(0)
	for _, d := range p.Doubts {
		if d.SettledAt != nil {
			n++
			last = max(last, d.SettledAt.UnixMicro())
		}
	}
	if p.ConfirmedAt != nil {
		last = max(last, p.ConfirmedAt.UnixMicro())
	}
	return fmt.Sprintf("%d-%d-%s", n, last, p.Authority)
}

// Confirm settles doubts about a procedure. When none is left and it is said who works it, the
// procedure is confirmed. What others entered meanwhile is a Conflict. A Forbidden comes back to who
// may not edit the catalogue.
// law: public-services.md 2 — an import must flag, an officer must confirm.
func (m *Module) Confirm(ctx context.Context, in ConfirmIn) error {
	in.By = strings.TrimSpace(in.By)
	f := fault.Fields{}
	f.Text("by", in.By, 300)
	if in.Authority != "" && !slices.Contains([]string{OfProvince, OfMinistry, OfNational}, in.Authority) {
		f.Set("authority", "choose")
	}
	defer m.changed()
	return m.book.Act(ctx, "services.procedure.confirm", func(ctx context.Context, act *audit.Act) error {
		if !act.Actor.Holds(RightCatalogue) {
			return fault.Forbidden("services.catalogue")
		}
		p, ok, err := m.published(ctx, act, in.Code, ` FOR UPDATE OF p`)
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("services.procedure")
		}
		if in.Seen != p.Stamp() {
			return fault.Conflict("services.catalogue")
		}
		return p.confirm(act, in, maps.Clone(f))
	}, audit.Once(in.Client, in, nil))
}

// confirm writes what was entered.
func (p Published) confirm(act *audit.Act, in ConfirmIn, f fault.Fields) error {
	entered := 0
	for i := range p.Doubts {
		d := &p.Doubts[i]
		value, code := settle(d.Kind, in.Values[d.Key()])
		switch {
		case code != "":
			f.Set("v."+d.Key(), code)
		case value == "" || value == d.Value:
		default:
			act.Note(d.Key(), map[string]string{"published": d.Raw, "before": d.Value, "value": value})
			d.Value = value
			entered++
			act.Queue(`UPDATE services.doubt SET value = $4, settled_at = $5, settled_by = $6 WHERE procedure = $1 AND kind = $2 AND part = $3`,
				p.Code, d.Kind, d.Part, value, act.At, act.Actor.ID)
		}
	}
	for key := range in.Values {
		if !slices.ContainsFunc(p.Doubts, func(d Doubt) bool { return d.Key() == key }) {
			f.Set("v."+key, "unknown")
		}
	}
	if in.Authority == "" && p.Settled() {
		f.Set("authority", "choose")
	}
	if entered == 0 && (in.Authority == "" || !p.Settled()) {
		f.Set("authority", "nothing")
	}
	if f.Any() {
		return f
	}
	act.About("services.procedure", p.Code)
	act.Note("by", in.By)
	set := pgx.NamedArgs{"code": p.Code, "by": in.By, "authority": p.Authority, "at": p.ConfirmedAt, "who": p.ConfirmedBy, "name": p.Name, "level": p.Level}
	if in.Authority != "" && in.Authority != p.Authority {
		act.Note("authority", in.Authority)
		set["authority"] = in.Authority
	}
	if p.Settled() {
		set["at"], set["who"] = act.At, act.Actor.ID
	}
	for _, k := range []national.Kind{national.NameUntidy, national.NameTwice} {
		if v, _ := p.Settlement(k); v != "" {
			set["name"] = v
		}
	}
	for _, k := range []national.Kind{national.LevelUnknown, national.LevelDistrict, national.LevelName} {
		if v, _ := p.Settlement(k); v != "" {
			set["level"] = v
		}
	}
	act.Queue(`UPDATE services.procedure SET authority = @authority, open = open AND @authority = 'province', basis = @by, name = @name, level = @level,
		confirmed_at = @at, confirmed_by = @who WHERE code = @code`, set)
	return nil
}

var (
	limitTyped  = regexp.MustCompile(`^(\d{1,4})\s*(wd|cd|wh|h|ngày làm việc|ngày|giờ làm việc|giờ|working days?|days?|working hours?|hours?)$`)
	numberTyped = regexp.MustCompile(`^\d{1,3}([. ]\d{3})+$`)
)

// limitUnits are the units as people write them.
var limitUnits = map[string]string{"ngày làm việc": "wd", "ngày": "cd", "giờ làm việc": "wh", "giờ": "h", "working day": "wd", "working days": "wd",
	"day": "cd", "days": "cd", "working hour": "wh", "working hours": "wh", "hour": "h", "hours": "h"}

// LevelChoices are the levels that may be entered.
var LevelChoices = []string{"commune", "province", "ministry", "province+commune", "ministry+province", "ministry+commune", "ministry+province+commune"}

// NoResult is entered where nothing is issued.
const NoResult = "none"

// settle reads what an official entered for a doubt: the value that is kept, or what is wrong with it.
func settle(k national.Kind, typed string) (value, wrong string) {
	typed = strings.Join(strings.Fields(typed), " ")
	if typed == "" {
		return "", ""
	}
	if utf8.RuneCountInString(typed) > 1200 {
		return "", "too-long:1200"
	}
	switch k {
	case national.LimitUnit, national.LimitNone, national.LimitDiffers:
		return settleLimit(strings.ToLower(typed))
	case national.FeeText, national.FeeSmall, national.FeeWritten, national.FeeDiffers, national.FeeNone:
		if numberTyped.MatchString(typed) {
			typed = strings.NewReplacer(".", "", " ", "").Replace(typed)
		}
		if n, err := strconv.Atoi(typed); err == nil {
			if n < 0 || n > 0 && n < 1000 || n > 10_000_000_000 {
				return "", "amount"
			}
			return strconv.Itoa(n), ""
		}
	case national.LevelUnknown, national.LevelDistrict, national.LevelName:
		if !slices.Contains(LevelChoices, typed) {
			return "", "choose"
		}
	case national.ResultCode, national.ResultUnknown, national.ResultNone:
		if _, ok := national.ResultName(strings.ToUpper(typed)); ok {
			return strings.ToUpper(typed), ""
		}
		if none := strings.ToLower(typed); none == NoResult || none == "không" {
			return NoResult, ""
		}
		if strings.HasPrefix(strings.ToUpper(typed), "KQ") {
			return "", "result"
		}
	case national.OtherProvince:
		if typed != "ours" && typed != "not-ours" {
			return "", "choose"
		}
	}
	return typed, ""
}

// TypedLimit is a time limit as it is kept, of one that was written as people do; what is none stays as it is.
func TypedLimit(typed string) string {
	if v, wrong := settleLimit(strings.ToLower(strings.Join(strings.Fields(typed), " "))); wrong == "" {
		return v
	}
	return typed
}

// settleLimit reads a time limit as people write it, or as it is kept.
func settleLimit(typed string) (value, wrong string) {
	switch typed {
	case "trong ngày", "trong ngày làm việc", "same day", "the same working day":
		return string(calendar.SameDay), ""
	}
	if p := limitTyped.FindStringSubmatch(typed); p != nil {
		n, unit := p[1], p[2]
		if u, ok := limitUnits[unit]; ok {
			unit = u
		}
		typed = n + unit
	}
	l, err := calendar.ParseLimit(typed)
	if err != nil {
		return "", "limit"
	}
	return l.String(), ""
}
