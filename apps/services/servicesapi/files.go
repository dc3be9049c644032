package servicesapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"datmui/blocks/partners"
	"datmui/kit/actor"
)

// mostBytes of a file sent through the API; larger ones go through the pages, which resume.
const mostBytes = 20 << 20

type sendIn struct {
	Behalf
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"200" doc:"Name of the file"`
	RawBody []byte `contentType:"application/octet-stream"`
}

// Sent is a file that waits for its dossier.
type Sent struct {
	File uuid.UUID `json:"file" format:"uuid" doc:"To be named in papers; it is forgotten after a day if no dossier takes it"`
}

func (a *API) files() {
	register(a, keyed(partners.ScopeFile, huma.Operation{OperationID: "send-file", Method: http.MethodPost, Path: "/files", Tags: []string{"dossiers"}, Summary: "Send a file", DefaultStatus: http.StatusCreated,
		Description: "A PDF or a picture, looked through for what could harm, at most 20 MiB.", MaxBodyBytes: mostBytes}),
		func(ctx context.Context, in *sendIn) (*struct{ Body Sent }, error) {
			who, err := a.Partners.Behalf(ctx, in.Code)
			if err != nil {
				return nil, err
			}
			id, err := a.Files.Receive(actor.With(ctx, who), in.Name, bytes.NewReader(in.RawBody))
			return &struct{ Body Sent }{Sent{id}}, err
		})
}
