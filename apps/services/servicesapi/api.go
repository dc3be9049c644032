// Package servicesapi is the public API of the one-stop shop, version 1: the catalogue for anybody,
// and for partners filing, supplementing, paying, following and fetching, on behalf of persons who
// let them. OpenAPI 3.1 stands at /api/v1/openapi.json, failures are RFC 9457 problems.
package servicesapi

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"datmui/apps/services"
	"datmui/blocks/files"
	"datmui/blocks/partners"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/web"
)

// Path is where version 1 stands.
const Path = "/api/v1"

// kind is how partners know dossiers.
const kind = "services.dossier"

// Config is what the API needs. All fields are required.
type Config struct {
	Services *services.Module
	Files    *files.Block
	Pay      *pay.Block
	Partners *partners.Block
	Origin   string
	Log      *slog.Logger
	Fail     func(http.ResponseWriter, *http.Request, error) // the house's error table
}

// API answers requests.
type API struct {
	Config
	huma   huma.API
	routes []web.Route
}

// New registers every operation.
func New(c Config) *API {
	a := &API{Config: c}
	conf := huma.DefaultConfig("Đất Mũi", "1.0.0")
	conf.CreateHooks, conf.DocsPath, conf.SchemasPath, conf.OpenAPIPath = nil, "", "", ""
	conf.RejectUnknownQueryParameters = true
	conf.Info.Description = "Public services of the province. The catalogue is open to everybody. Everything else needs the key of a partner " +
		"that the province has enrolled, and a code with which the person concerned lets it act (header On-Behalf-Of)."
	conf.Info.License = &huma.License{Name: "Apache-2.0", URL: "https://www.apache.org/licenses/LICENSE-2.0"}
	conf.Info.Contact = &huma.Contact{Name: "The province's public-service centre", URL: c.Origin}
	conf.Servers = []*huma.Server{{URL: Path, Description: "This province"}}
	conf.Tags = []*huma.Tag{
		{Name: "catalogue", Description: "What can be applied for, and what it takes"},
		{Name: "dossiers", Description: "What a partner files for persons"},
		{Name: "webhooks", Description: "Being told instead of asking"},
	}
	conf.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer", Description: "The key of a partner: dmk_…"}}
	a.huma = huma.NewAPI(conf, humago.NewAdapter(a, ""))
	a.catalogue()
	a.dossiers()
	a.files()
	a.hooks()
	doc, err := a.huma.OpenAPI().MarshalJSON()
	if err != nil {
		panic(err) // the types are known when the program is built
	}
	a.routes = append(a.routes, web.Route{Pattern: "GET " + Path + "/openapi.json", Who: web.Public, Handle: func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, err := w.Write(doc)
		return err
	}})
	return a
}

// HandleFunc takes an operation of huma's as a route of the house: with a gate, an error table and a
// line in the authorisation matrix.
func (a *API) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	method, path, _ := strings.Cut(pattern, " ")
	op := a.find(method, path)
	rt := web.Route{Pattern: method + " " + Path + path, Who: web.Public, Handle: func(w http.ResponseWriter, r *http.Request) error {
		h(w, r)
		return nil
	}}
	if op != nil {
		rt.Limit = op.MaxBodyBytes
		if s, ok := op.Extensions[scopeMark].(string); ok {
			rt.Who = web.Who{Name: "a partner with " + s, Allow: func(a actor.Actor) bool { return a.Kind == actor.Partner && a.MayAnywhere(s) }}
		}
	}
	a.routes = append(a.routes, rt)
}

// ServeHTTP makes the API a mux for huma's adapter; requests come through the house's own.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

func (a *API) find(method, path string) *huma.Operation {
	item := a.huma.OpenAPI().Paths[path]
	if item == nil {
		return nil
	}
	return map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "DELETE": item.Delete}[method]
}

// Routes lists every address here.
func (a *API) Routes() []web.Route { return a.routes }

// Session knows a partner by its key and counts its requests; addresses outside the API go on to
// the sessions of people.
func (a *API) Session(people func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		other := people(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, Path+"/") {
				other.ServeHTTP(w, r)
				return
			}
			ctx := r.Context()
			if tag, ok := lang.Parse(firstOf(r.Header.Get("Accept-Language"))); ok {
				ctx = lang.With(ctx, tag)
			}
			w.Header().Set("Cache-Control", "no-store")
			if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
				known, err := a.Partners.Know(ctx, key)
				if err != nil {
					a.Fail(w, r.WithContext(ctx), err)
					return
				}
				left := a.Partners.Allow(known)
				w.Header().Set("RateLimit-Limit", strconv.Itoa(left.Limit))
				w.Header().Set("RateLimit-Remaining", strconv.Itoa(left.Left))
				if left.Wait > 0 {
					w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(left.Wait.Seconds()))))
					a.Fail(w, r.WithContext(ctx), fault.Limit("partners.rate", "n", left.Limit))
					return
				}
				ctx = actor.With(ctx, known.Actor())
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// firstOf is the language that is wanted most.
func firstOf(accept string) string {
	first, _, _ := strings.Cut(accept, ",")
	first, _, _ = strings.Cut(first, ";")
	first, _, _ = strings.Cut(first, "-")
	return strings.TrimSpace(first)
}

// scopeMark names in the document the scope that a key must have.
const scopeMark = "x-scope"

// keyed is an operation that needs a key with a scope; the others are everybody's.
func keyed(scope string, op huma.Operation) huma.Operation {
	op.Security, op.Extensions = []map[string][]string{{"key": {}}}, map[string]any{scopeMark: scope}
	return op
}

// register adds an operation whose failures go through the house's error table.
func register[I, O any](a *API, op huma.Operation, fn func(context.Context, *I) (*O, error)) {
	if op.DefaultStatus == 0 {
		op.DefaultStatus = http.StatusOK
	}
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError)
	if op.Security == nil {
		op.Security = []map[string][]string{{}}
	} else {
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	if op.Method == http.MethodPost {
		op.MaxBodyBytes = cmp.Or(op.MaxBodyBytes, 1<<20)
		op.BodyReadTimeout = web.BodyTime(op.MaxBodyBytes) // huma's own is five seconds: too short at the edge of the forest
		op.Errors = append(op.Errors, http.StatusRequestEntityTooLarge)
	}
	slices.Sort(op.Errors)
	op.Errors = slices.Compact(op.Errors)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, a.problemOf(ctx, err)
		}
		return out, nil
	})
}

// schema is the schema of a type in the document.
func (a *API) schema(v any) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v), true, "")
}
