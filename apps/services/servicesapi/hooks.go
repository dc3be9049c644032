package servicesapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/partners"
	"datmui/kit/actor"
)

// Hook is an address that is told when a dossier of the partner moves.
type Hook struct {
	ID     uuid.UUID `json:"id" format:"uuid"`
	URL    string    `json:"url"`
	Since  time.Time `json:"since"`
	Secret string    `json:"secret,omitempty" doc:"whsec_…, shown once: what is sent is signed with it as the Standard Webhooks specification says"`
}

type hookIn struct {
	Body struct {
		URL string `json:"url" format:"uri" maxLength:"500"`
	}
}

type hookID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (a *API) hooks() {
	tags := []string{"webhooks"}
	register(a, keyed(partners.ScopeStatus, huma.Operation{OperationID: "add-webhook", Method: http.MethodPost, Path: "/webhooks", Tags: tags, Summary: "Be told when a dossier moves or is paid", DefaultStatus: http.StatusCreated,
		Description: "At most five. A message is sent again for about two days until it is answered with 2xx; 410 ends the webhook."}),
		func(ctx context.Context, in *hookIn) (*struct{ Body Hook }, error) {
			h, secret, err := a.Partners.AddHook(ctx, in.Body.URL)
			return &struct{ Body Hook }{Hook{h.ID, h.URL, h.MadeAt, secret}}, err
		})
	register(a, keyed(partners.ScopeStatus, huma.Operation{OperationID: "list-webhooks", Method: http.MethodGet, Path: "/webhooks", Tags: tags, Summary: "The partner's webhooks", Description: "Without their secrets."}),
		func(ctx context.Context, _ *struct{}) (*struct{ Body []Hook }, error) {
			list, err := a.Partners.Hooks(ctx, actor.From(ctx).Session)
			out := &struct{ Body []Hook }{[]Hook{}}
			for _, h := range list {
				out.Body = append(out.Body, Hook{ID: h.ID, URL: h.URL, Since: h.MadeAt})
			}
			return out, err
		})
	register(a, keyed(partners.ScopeStatus, huma.Operation{OperationID: "drop-webhook", Method: http.MethodDelete, Path: "/webhooks/{id}", Tags: tags, Summary: "End a webhook", DefaultStatus: http.StatusNoContent,
		Description: "What waits for it is not sent any more.", Errors: []int{http.StatusNotFound}}),
		func(ctx context.Context, in *hookID) (*struct{}, error) { return nil, a.Partners.DropHook(ctx, in.ID) })

	doc := a.huma.OpenAPI()
	doc.Webhooks = map[string]*huma.PathItem{}
	for _, m := range []struct {
		event, id, says, more string
		body                  any
	}{
		{"dossier.moved", "dossier-moved", "A dossier has moved", " It may come twice, and not in order: n tells.", services.Moved{}},
		{"dossier.paid", "dossier-paid", "A bill is paid", " It may come twice. The bank or the cashier has told of the money, to the đồng.", services.Paid{}},
	} {
		doc.Webhooks[m.event] = &huma.PathItem{Post: &huma.Operation{OperationID: m.id, Tags: tags, Summary: m.says,
			Description: "Sent with the headers Webhook-Id, Webhook-Timestamp and Webhook-Signature." + m.more,
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: a.schema(m.body)}}},
			Responses:   map[string]*huma.Response{"204": {Description: "Taken"}, "410": {Description: "Do not send any more"}}, Security: []map[string][]string{}}}
	}
}
