package services

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"datmui/blocks/notify"
	"datmui/kit/lang"
)

// Every notice has a text in both languages, and the text asks for nothing the notice has not.
func TestNoticesHaveTheirTexts(t *testing.T) {
	for _, n := range []notify.Notice{Filed{}, AcceptedNotice{}, RefusedNotice{}, SupplementAsked{}, Supplied{}, PaymentAsked{}, PaymentDue{}, PaymentLate{}, PaymentHolds{}, PaidNotice{},
		WithdrawnNotice{}, TakenBack{}, Forwarded{}, SentBack{}, DecisionReady{}, ReturnedNotice{}, StoppedNotice{}, Extended{}, PutOff{},
		OpinionAsked{}, OpinionGiven{}, OpinionByLaw{}, OpinionLate{}, OpinionTakenBack{}, BulkOver{}, ComplaintTaken{}, ComplaintAnswered{}, RatingAnswered{}} {
		var args []any
		for f := range reflect.TypeOf(n).Fields() {
			args = append(args, strings.ToLower(f.Name[:1])+f.Name[1:], "x")
		}
		for _, tag := range []lang.Tag{lang.Vietnamese, lang.English} {
			ctx := lang.With(context.Background(), tag)
			for _, part := range []string{"subject", "body", "name"} {
				key := "notice." + n.NoticeKind() + "." + part
				if !lang.Has(ctx, key) {
					t.Errorf("%s: there is no %s", tag, key)
				} else if got := lang.T(ctx, key, args...); strings.Contains(got, "…") {
					t.Errorf("%s: %s asks for what the notice has not: %s", tag, key, got)
				}
			}
		}
	}
}
