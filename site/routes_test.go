package site_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/notify"
	"datmui/blocks/partners"
	"datmui/blocks/pay"
	"datmui/blocks/records"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/site"
)

// routeMatrix is who gets what at each address: ok (the page), go (done, on to another page), in (sent
// to sign in), 403, 404, 409 (may, but not now) and bad (the form is wrong; forms of the directory
// say a refusal above themselves, too: acts_test.go tells the two apart).
const routeMatrix = `
route                                       | none weak owner other recv hold lead clerk cash insp far  uadm padm
GET /assets/                                | 404  404  404  404  404  404  404  404  404  404  404  404  404
GET /reads                                  | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /audit                                  | in   403  403  403  403  403  403  403  403  ok   403  403  403
GET /audit/export.csv                       | in   403  403  403  403  403  403  403  403  ok   403  403  403
GET /receipts                               | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /api/receipts                           | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /receipts/{leaf}                        | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /api/receipts/{leaf}                    | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /calendar                               | go   go   go   go   go   go   go   go   go   go   go   go   go
GET /calendar/hours                         | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /calendar/hours                        | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /calendar/{year}                        | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /calendar/{year}/draft                 | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /calendar/{year}/draft                  | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /calendar/{year}/days                  | in   403  403  403  403  403  403  403  403  403  403  403  go
POST /calendar/{year}/publish               | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /directory                              | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /directory/agencies/{agency}            | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /directory/people                       | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /directory/people/{person}              | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /directory/me                           | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /directory/me                          | in   bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad
GET /directory/agencies/{agency}/appoint    | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/agencies/{agency}/appoint   | in   403  403  403  403  403  403  403  403  403  bad  go   bad
GET /directory/agencies/{agency}/enrol      | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/agencies/{agency}/enrol     | in   403  403  403  403  403  403  403  403  403  bad  go   bad
GET /directory/posts/{post}/transfer        | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/posts/{post}/transfer       | in   403  403  403  403  403  403  403  403  403  bad  bad  bad
GET /directory/posts/{post}/end             | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/posts/{post}/end            | in   403  403  403  403  403  403  403  403  403  bad  go   bad
GET /directory/people/{person}/leave        | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/people/{person}/leave       | in   403  403  403  403  403  403  403  403  403  bad  go   bad
GET /directory/people/{person}/correct      | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/people/{person}/correct     | in   403  403  403  403  403  403  403  403  403  bad  bad  bad
GET /directory/posts/{post}/lend            | in   403  403  403  403  403  403  403  403  403  403  ok   ok
POST /directory/posts/{post}/lend           | in   403  403  403  403  403  403  403  403  403  403  bad  bad
POST /directory/delegations/{delegation}/end| in   403  403  403  403  go   403  403  403  403  403  409  409
GET /directory/agencies/{agency}/merge      | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/agencies/{agency}/merge     | in   403  403  403  403  403  403  403  403  403  bad  bad  bad
GET /directory/import                       | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
GET /directory/import/sample.csv            | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /directory/import                      | in   403  403  403  403  403  403  403  403  403  bad  bad  bad
POST /directory/import/{draft}              | in   403  403  403  403  403  403  403  403  403  404  404  go
POST /uploads                               | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
HEAD /uploads/{id}                          | in   404  ok   404  404  404  404  404  404  404  404  404  404
PATCH /uploads/{id}                         | in   404  ok   404  404  404  404  404  404  404  404  404  404
DELETE /uploads/{id}                        | in   404  ok   404  404  404  404  404  404  404  404  404  404
GET /files/{id}                             | in   404  ok   404  ok   ok   ok   ok   ok   404  404  404  404
GET /files/{id} [held]                      | in   404  ok   404  404  404  404  404  404  404  404  404  404
GET /files/{id} [form]                      | in   404  ok   404  ok   ok   ok   ok   ok   404  404  404  404
GET /files/{id}/thumb                       | in   404  ok   404  ok   ok   ok   ok   ok   404  404  404  404
GET /files/{id}/thumb [held]                | in   404  ok   404  404  404  404  404  404  404  404  404  404
GET /files/{id}/thumb [form]                | in   404  ok   404  ok   ok   ok   ok   ok   404  404  404  404
GET /files/{id}/pages/{page}                | in   404  ok   404  ok   ok   ok   ok   ok   404  404  404  404
GET /files/{id}/pages/{page} [held]         | in   404  404  404  404  404  404  404  404  404  404  404  404
GET /files/{id}/pages/{page} [form]         | in   404  404  404  404  404  404  404  404  404  404  404  404
GET /sign-in                                | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /sign-in                               | bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad
GET /sign-in/citizen                        | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /sign-in/vneid                          | go   go   go   go   go   go   go   go   go   go   go   go   go
GET /sign-in/vneid/callback                 | go   go   go   go   go   go   go   go   go   go   go   go   go
POST /sign-in/passkey                       | bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad
POST /sign-in/passkey/options               | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /sign-in/forgot                         | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /sign-in/link/{token}                   | 404  404  404  404  404  404  404  404  404  404  404  404  404
GET /sign-in/step                           | go   go   go   go   go   go   go   go   go   go   go   go   go
POST /sign-in/step/code                     | go   go   go   go   go   go   go   go   go   go   go   go   go
POST /sign-in/step/password                 | go   go   go   go   go   go   go   go   go   go   go   go   go
POST /sign-in/step/enrol                    | go   go   go   go   go   go   go   go   go   go   go   go   go
POST /sign-out                              | go   go   go   go   go   go   go   go   go   go   go   go   go
POST /session                               | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /account                                | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /account/post                          | in   403  403  403  403  go   403  403  403  403  403  403  403
GET /acting                                 | in   ok   ok   ok   403  403  403  403  403  403  403  403  403
POST /acting                                | in   go   go   go   403  403  403  403  403  403  403  403  403
GET /acting/for/{party}                     | in   404  ok   404  403  403  403  403  403  403  403  403  403
GET /acting/declare                         | in   403  ok   ok   403  403  403  403  403  403  403  403  403
POST /acting/declare                        | in   403  bad  bad  403  403  403  403  403  403  403  403  403
POST /acting/answer                         | in   403  404  404  403  403  403  403  403  403  403  403  403
POST /acting/end                            | in   404  404  404  403  403  403  403  403  403  403  403  403
GET /acting/staff                           | in   403  403  403  403  403  403  403  403  403  403  403  403
POST /acting/staff                          | in   403  403  403  403  403  403  403  403  403  403  403  403
POST /acting/staff/change                   | in   403  404  404  403  403  403  403  403  403  403  403  403
GET /partners                               | in   403  403  403  403  403  403  403  403  403  403  403  ok
GET /partners/new                           | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /partners                              | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /partners/{id}                          | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /partners/{id}/keys                    | in   403  403  403  403  403  403  403  403  403  403  403  bad
POST /partners/keys/revoke                  | in   403  403  403  403  403  403  403  403  403  403  403  404
POST /partners/{id}/close                   | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /partners/{id}/authorise                | in   403  ok   ok   403  403  403  403  403  403  403  403  403
POST /partners/{id}/authorise               | in   403  bad  bad  403  403  403  403  403  403  403  403  403
GET /account/partners                       | in   ok   ok   ok   403  403  403  403  403  403  403  403  403
POST /account/partners/withdraw             | in   404  404  404  403  403  403  403  403  403  403  403  403
GET /api/v1/openapi.json                    | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /api/v1/procedures                      | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /api/v1/procedures/{code}               | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /api/v1/counters                        | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /api/v1/files                          | 401  401  401  401  401  401  401  401  401  401  401  401  401
POST /api/v1/dossiers                       | 401  401  401  401  401  401  401  401  401  401  401  401  401
GET /api/v1/dossiers                        | 401  401  401  401  401  401  401  401  401  401  401  401  401
GET /api/v1/dossiers/{code}                 | 401  401  401  401  401  401  401  401  401  401  401  401  401
POST /api/v1/dossiers/{code}/supplement     | 401  401  401  401  401  401  401  401  401  401  401  401  401
POST /api/v1/dossiers/{code}/withdraw       | 401  401  401  401  401  401  401  401  401  401  401  401  401
GET /api/v1/dossiers/{code}/bills           | 401  401  401  401  401  401  401  401  401  401  401  401  401
POST /api/v1/dossiers/{code}/payments       | 401  401  401  401  401  401  401  401  401  401  401  401  401
GET /api/v1/dossiers/{code}/result          | 401  401  401  401  401  401  401  401  401  401  401  401  401
POST /api/v1/webhooks                       | 401  401  401  401  401  401  401  401  401  401  401  401  401
GET /api/v1/webhooks                        | 401  401  401  401  401  401  401  401  401  401  401  401  401
DELETE /api/v1/webhooks/{id}                | 401  401  401  401  401  401  401  401  401  401  401  401  401
GET /account/password                       | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /account/password                      | in   403  403  403  403  403  403  403  403  403  403  403  403
POST /account/totp                          | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /account/totp/confirm                  | in   403  403  403  go   go   go   go   go   go   go   go   go
POST /account/recovery                      | in   403  403  403  go   go   go   go   go   go   go   go   go
POST /account/passkeys                      | in   bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad
POST /account/passkeys/options              | in   403  ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /account/passkeys/remove               | in   404  404  404  404  404  404  404  404  404  404  404  404
POST /account/sessions/end                  | in   go   go   go   go   go   go   go   go   go   go   go   go
POST /account/sessions/others               | in   go   go   go   go   go   go   go   go   go   go   go   go
GET /accounts                               | in   403  403  403  403  403  403  403  403  403  ok   ok   ok
POST /accounts                              | in   403  403  403  403  403  403  403  403  403  403  go   bad
POST /accounts/link                         | in   403  403  403  403  403  403  403  403  403  403  go   go
POST /accounts/close                        | in   403  403  403  403  403  403  403  403  403  403  go   go
POST /accounts/reopen                       | in   403  403  403  403  403  403  403  403  403  403  go   go
GET /demo                                   | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /demo/sign-in                          | go   go   go   go   go   go   go   go   go   go   go   go   go
GET /verify                                 | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /verify                                | bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad
POST /pki/tsa                               | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /pki/ocsp                              | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /pki/ocsp/{request}                     | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /pki/{file}                             | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /desk                                   | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /desk/export.csv                        | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /desk/views                            | in   403  403  403  go   go   go   go   go   go   go   go   go
POST /desk/views/drop                       | in   403  403  403  go   go   go   go   go   go   go   go   go
GET /services/{code}/begin                 | in   403  go   go   403  403  403  403  403  403  403  403  403
POST /services/{code}/begin                 | in   403  go   go   403  403  403  403  403  403  403  403  403
GET /apply/{draft}/go                       | in   403  go   404  403  403  403  403  403  403  403  403  403
GET /apply/{draft}/q/{page}                 | in   403  ok   404  403  403  403  403  403  403  403  403  403
POST /apply/{draft}/q/{page}                | in   403  409  404  403  403  403  403  403  403  403  403  403
POST /apply/{draft}/autosave                | in   403  409  404  403  403  403  403  403  403  403  403  403
GET /apply/{draft}/papers                   | in   403  ok   404  403  403  403  403  403  403  403  403  403
POST /apply/{draft}/papers                  | in   403  go   404  403  403  403  403  403  403  403  403  403
GET /apply/{draft}/where                    | in   403  ok   404  403  403  403  403  403  403  403  403  403
POST /apply/{draft}/where                   | in   403  bad  404  403  403  403  403  403  403  403  403  403
GET /apply/{draft}/fee                      | in   403  go   404  403  403  403  403  403  403  403  403  403
GET /apply/{draft}/forget                   | in   403  ok   404  403  403  403  403  403  403  403  403  403
GET /apply/{draft}/check                    | in   403  go   404  403  403  403  403  403  403  403  403  403
POST /apply/{draft}/submit                  | in   403  bad  go   403  403  403  403  403  403  403  403  403
POST /apply/{draft}/forget                  | in   403  go   go   403  403  403  403  403  403  403  403  403
GET /dossiers/{id}/filed                    | in   404  ok   404  403  403  403  403  403  403  403  403  403
GET /sets/{id}                              | in   404  ok   404  403  403  403  403  403  403  403  403  403
GET /sets/{id}/filed                        | in   404  ok   404  403  403  403  403  403  403  403  403  403
POST /sets/{id}/withdraw                    | in   404  go   404  403  403  403  403  403  403  403  403  403
GET /dossiers/{id}/supplement               | in   403  go   404  403  403  403  403  403  403  403  403  403
POST /dossiers/{id}/supplement              | in   403  go   404  403  403  403  403  403  403  403  403  403
GET /services                               | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /services.json                          | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /desk/procedures                        | in   403  403  403  403  403  403  403  403  403  403  403  ok
GET /desk/procedures/{code}                 | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/procedures/{code}                | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /services/{code}                        | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /dossiers/elsewhere                     | in   ok   ok   ok   403  403  403  403  403  403  403  403  403
GET /dossiers                               | in   ok   ok   ok   403  403  403  403  403  403  403  403  403
GET /reminders                              | in   ok   ok   ok   403  403  403  403  403  403  403  403  403
POST /reminders                             | in   go   go   go   403  403  403  403  403  403  403  403  403
GET /dossiers/{id}                          | in   404  ok   404  403  403  403  403  403  403  403  403  403
GET /satisfaction                           | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /lookup                                 | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /lookup                                | bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad
POST /dossiers/{id}/withdraw                | in   404  409  404  403  403  403  403  403  403  403  403  403
POST /dossiers/{id}/collect                 | in   404  409  404  403  403  403  403  403  403  403  403  403
POST /dossiers/{id}/complain                | in   404  409  404  403  403  403  403  403  403  403  403  403
POST /dossiers/{id}/rate                    | in   404  409  404  403  403  403  403  403  403  403  403  403
GET /desk/dossiers                          | in   403  403  403  ok   ok   ok   ok   ok   403  ok   403  403
GET /desk/dossiers/{id}                     | in   403  403  403  ok   ok   ok   ok   ok   404  404  404  404
GET /desk/dossiers/{id}/receipt             | in   403  403  403  ok   403  403  403  403  403  404  403  403
GET /desk/counter/screen                    | in   403  403  403  ok   403  403  403  403  403  ok   403  403
POST /desk/counter/screen                   | in   403  403  403  go   403  403  403  403  403  go   403  403
POST /desk/counter/screen/typed             | in   403  403  403  404  403  403  403  403  403  404  403  403
GET /desk/intake                            | in   403  403  403  ok   403  403  403  403  403  ok   403  403
POST /desk/intake                           | in   403  403  403  bad  403  403  403  403  403  403  403  403
POST /desk/intake/find                      | in   403  403  403  bad  403  403  403  403  403  bad  403  403
GET /desk/intake/blank/{code}               | in   403  403  403  ok   403  403  403  403  403  ok   403  403
GET /desk/intake/worker.js                  | in   403  403  403  ok   403  403  403  403  403  ok   403  403
GET /desk/define                            | in   403  403  403  403  403  403  403  403  403  403  403  ok
GET /desk/define/{code}                     | in   403  403  403  403  403  403  403  403  403  403  403  ok
GET /desk/define/{code}/versions            | in   403  403  403  403  403  403  403  403  403  403  403  ok
GET /desk/define/{code}/versions/{version}  | in   403  403  403  403  403  403  403  403  403  403  403  ok
GET /desk/define/{code}/edit/{part}         | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/edit/{part}        | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /desk/define/{code}/questions           | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/questions          | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /desk/define/{code}/questions/new       | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/questions/new      | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /desk/define/{code}/questions/{what}/{id} | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/questions/{what}/{id} | in   403  403  403  403  403  403  403  403  403  403  403  bad
POST /desk/define/{code}/publish            | in   403  403  403  403  403  403  403  403  403  403  403  bad
POST /desk/define/{code}/complete           | in   403  403  403  403  403  403  403  403  403  403  403  bad
POST /desk/define/{code}/drop               | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /desk/define/{code}/preview             | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/preview/begin      | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /desk/define/{code}/preview/go          | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /desk/define/{code}/preview/q/{page}    | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/preview/q/{page}   | in   403  403  403  403  403  403  403  403  403  403  403  409
POST /desk/define/{code}/preview/autosave   | in   403  403  403  403  403  403  403  403  403  403  403  409
GET /desk/define/{code}/preview/papers      | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/preview/papers     | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /desk/define/{code}/preview/where       | in   403  403  403  403  403  403  403  403  403  403  403  ok
POST /desk/define/{code}/preview/where      | in   403  403  403  403  403  403  403  403  403  403  403  bad
GET /desk/define/{code}/preview/fee         | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /desk/define/{code}/preview/check       | in   403  403  403  403  403  403  403  403  403  403  403  go
POST /desk/define/{code}/preview/submit     | in   403  403  403  403  403  403  403  403  403  403  403  go
GET /desk/numbers                           | in   403  403  403  403  403  403  ok   403  403  ok   403  403
POST /desk/numbers                          | in   403  403  403  403  403  403  bad  403  403  bad  403  403
GET /desk/intake/person                     | in   403  403  403  ok   403  403  403  403  403  ok   403  403
POST /desk/intake/person                    | in   403  403  403  bad  403  403  403  403  403  bad  403  403
GET /desk/signing                           | in   403  403  403  403  403  ok   403  403  403  ok   403  403
POST /desk/signing                          | in   403  403  403  403  403  bad  403  403  403  bad  403  403
POST /desk/dossiers/{id}/note               | in   403  403  403  bad  bad  bad  bad  bad  404  404  404  404
POST /desk/dossiers/{id}/scan               | in   403  403  403  bad  bad  bad  bad  bad  404  404  404  404
GET /desk/dossiers/{id}/consult             | in   403  403  403  403  409  409  403  403  404  404  404  404
GET /desk/dossiers/{id}/consult [processed] | in   403  403  403  403  ok   ok   403  403  404  404  404  404
POST /desk/dossiers/{id}/consult            | in   403  403  403  403  409  409  403  403  404  404  404  404
POST /desk/dossiers/{id}/drop-opinion       | in   403  403  403  404  go   409  404  404  404  404  404  404
GET /desk/dossiers/export                   | in   403  403  403  ok   ok   ok   ok   ok   403  ok   403  403
POST /desk/dossiers/views                   | in   403  403  403  go   go   go   go   go   go   go   go   go
POST /desk/dossiers/views/drop              | in   403  403  403  go   go   go   go   go   go   go   go   go
GET /desk/figures                           | in   403  403  403  ok   ok   ok   ok   ok   403  ok   403  403
GET /desk/register                          | in   403  403  403  ok   ok   ok   ok   ok   403  ok   403  403
GET /desk/register.pdf                      | in   403  403  403  ok   ok   ok   ok   ok   403  ok   403  403
GET /desk/bulk                              | in   403  403  403  go   go   go   go   go   go   go   go   go
POST /desk/bulk                             | in   403  403  403  bad  bad  bad  bad  bad  403  bad  403  403
GET /desk/bulks                             | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /desk/bulks/{id}                        | in   403  403  403  404  ok   404  404  404  404  404  404  404
GET /desk/bulks/{id}/job                    | in   403  403  403  404  ok   404  404  404  404  404  404  404
POST /desk/bulks/{id}/stop                  | in   403  403  403  404  go   404  404  404  404  404  404  404
POST /desk/dossiers/{id}/assign             | in   403  403  403  403  403  409  403  403  403  404  403  403
GET /desk/opinions/{id}                     | in   403  403  403  ok   ok   ok   ok   ok   404  ok   404  404
POST /desk/opinions/{id}                    | in   403  403  403  404  404  404  404  404  404  409  404  404
GET /find                                   | in   403  403  403  ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /kept                                   | in   go   go   go   go   go   go   go   go   go   go   go   go
POST /kept                                  | in   404  404  404  404  404  404  404  404  404  404  404  404
POST /kept/drop                             | in   go   go   go   go   go   go   go   go   go   go   go   go
POST /desk/dossiers/{id}/accept             | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/refuse             | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/ask                | in   403  403  403  403  409  409  403  403  404  404  404  404
POST /desk/dossiers/{id}/set-fee            | in   403  403  403  409  404  404  404  409  404  404  404  404
POST /desk/dossiers/{id}/ask-fee            | in   403  403  403  409  404  404  404  404  404  404  404  404
POST /desk/dossiers/{id}/cash               | in   403  403  403  403  403  403  403  409  403  404  403  403
POST /desk/dossiers/{id}/take               | in   403  403  403  403  409  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/forward            | in   403  403  403  404  409  409  404  404  404  404  404  404
POST /desk/dossiers/{id}/propose            | in   403  403  403  403  409  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/sign               | in   403  403  403  403  403  409  403  403  403  404  403  403
POST /desk/dossiers/{id}/send-back          | in   403  403  403  403  403  409  403  403  403  404  403  403
POST /desk/dossiers/{id}/approve-ask        | in   403  403  403  403  403  409  403  403  403  404  403  403
POST /desk/dossiers/{id}/number             | in   403  403  403  403  403  403  409  403  403  404  403  403
POST /desk/dossiers/{id}/return             | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/authority          | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/originals          | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/post               | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/delivered          | in   403  403  403  bad  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/came-back          | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/extend             | in   403  403  403  403  403  409  403  403  403  404  403  403
POST /desk/dossiers/{id}/stop               | in   403  403  403  403  403  409  403  403  403  404  403  403
POST /desk/dossiers/{id}/resume             | in   403  403  403  403  403  409  403  403  403  404  403  403
POST /desk/dossiers/{id}/answer-complaint   | in   403  403  403  403  403  404  403  403  403  404  403  403
POST /desk/dossiers/{id}/answer-rating      | in   403  403  403  403  403  404  403  403  403  404  403  403
POST /desk/dossiers/{id}/relation           | in   403  403  403  409  403  403  403  403  403  404  403  403
POST /desk/dossiers/{id}/reopen             | in   403  403  403  403  403  409  403  403  403  404  403  403
GET /verify/{code}                          | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /v/{code}                               | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /desk/exchange                          | in   403  403  403  403  403  ok   403  403  403  ok   403  403
POST /desk/exchange/decide                  | in   403  403  403  403  403  bad  403  403  403  bad  403  403
POST /desk/exchange/retry                   | in   403  403  403  403  403  404  403  403  403  404  403  403
POST /api/exchange/token                    | 401  401  401  401  401  401  401  401  401  401  401  401  401
POST /api/exchange/NoiHoSo                  | 401  401  401  401  401  401  401  401  401  401  401  401  401
POST /api/exchange/CapNhatTrangThai         | 401  401  401  401  401  401  401  401  401  401  401  401  401
GET /no-silence                             | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /cash                                   | in   403  403  403  403  403  403  403  ok   403  ok   403  403
GET /cash/accounts                          | in   403  403  403  403  403  ok   403  403  403  ok   403  403
POST /cash/accounts                         | in   403  403  403  403  403  go   403  403  403  403  403  403
GET /bills/{id}                             | in   404  ok   404  ok   ok   ok   404  ok   404  404  404  404
GET /bills/{id} [open bill]                 | in   404  ok   404  ok   ok   ok   404  ok   404  404  404  404
GET /bills/{id}/qr.svg                      | in   404  409  404  409  409  409  404  409  404  404  404  404
GET /bills/{id}/qr.svg [open bill]          | in   404  ok   404  ok   ok   ok   404  ok   404  404  404  404
GET /bills/{id}/qr.png                      | in   404  409  404  409  409  409  404  409  404  404  404  404
GET /bills/{id}/qr.png [open bill]          | in   404  ok   404  ok   ok   ok   404  ok   404  404  404  404
POST /bills/{id}/confirm                    | in   403  403  403  403  403  403  403  409  403  403  403  403
POST /bills/{id}/reconcile                  | in   403  403  403  403  403  403  403  409  403  403  403  403
POST /bills/{id}/reconcile [open bill]      | in   403  403  403  403  403  403  403  go   403  403  403  403
POST /bills/{id}/void-receipt               | in   403  403  403  403  403  403  403  go   403  403  403  403
POST /bills/{id}/refund                     | in   403  403  403  403  403  409  403  403  403  403  403  403
GET /notices                                | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /notices/{id}                           | in   404  go   404  404  404  404  404  404  404  404  404  404
POST /notices/read-all                      | in   go   go   go   go   go   go   go   go   go   go   go   go
GET /notices/preferences                    | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /notices/preferences                   | in   go   go   go   go   go   go   go   go   go   go   go   go
GET /demo/mail                              | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /records                                | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /records/consents                       | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET /records/uses                           | in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /records/consents/withdraw             | in   404  go   404  404  404  404  404  404  404  404  404  404
GET /records/consents/new                   | in   403  ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST /records/consents/new                  | in   403  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad
GET /{$}                                    | ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
`

// exhibits are rows that exist and are somebody's: what the ids of the addresses stand for.
type exhibits struct {
	ids     map[string]string // what stands in the braces, by pattern or by name
	forms   map[string]url.Values
	headers map[string][2]string
	secrets []string // of congdan: nothing of it may reach who has no business with it
}

// kept is a mailer that keeps nothing: letters only have to be possible.
type nowhere struct{}

func (nowhere) Deliver(_ context.Context, mails []notify.Mail) []error {
	return make([]error, len(mails))
}

func withMail(o *site.Options) { o.Mailer = nowhere{} }

// exhibit makes the rows.
func (p *province) exhibit(t *testing.T) exhibits {
	t.Helper()
	owner, hold, cash, recv := p.role(t, "owner"), p.role(t, "hold"), p.role(t, "cash"), p.role(t, "recv")
	x := exhibits{ids: map[string]string{}, forms: map[string]url.Values{}, headers: map[string][2]string{}}
	id := func(name string, v fmt.Stringer, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		x.ids[name] = v.String()
	}
	const fileName = "Văn bằng của chị Mai.png"
	paper, err := p.Files.Receive(owner, fileName, bytes.NewReader(picture(t)))
	id("file", paper, err)
	held, err := p.Files.Receive(owner, "Chưa nộp của chị Mai.png", bytes.NewReader(picture(t)))
	id("held", held, err)
	upload, err := p.Files.Begin(owner, "Đang gửi.png", 1000)
	id("upload", upload, err)

	// a dossier that was paid, accepted, taken and withdrawn: no act is possible any more, so whoever may is told so
	copies := forms.Answers{"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "requester_birth_date": "1996-03-14", "requester_sex": "female",
		"requester_phone": "0912345678", "requester_in_province": "yes", "requester_unit": "32248", "requester_residence": "Ấp Mũi", "relationship": "self",
		"document_kind": "Bằng tốt nghiệp", "language": "Tiếng Việt", "pages": "10", "copies": "2", "return_way": "counter", "pledge": "yes"}
	in := services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies,
		Papers: []services.PaperIn{{Place: "original", File: paper, Copies: 1}}}
	p.submit(t, "congdan2") // gets the code that stands as an example on pages
	paid, err := p.Services.Submit(owner, in)
	id("dossier", paid.ID, err)
	must(t, p.Services.Cash(cash, services.CashIn{Dossier: paid.ID, Client: client(), Method: "cash"}))
	must(t, p.Services.Accept(recv, services.AcceptIn{Dossier: paid.ID, Client: client()}))
	must(t, p.Services.Take(hold, services.TakeIn{Dossier: paid.ID, Client: client()}))
	must(t, p.Services.Withdraw(owner, services.WithdrawIn{Dossier: paid.ID, Client: client()}))
	in.Client, in.Papers = client(), nil
	due, err := p.Services.Submit(owner, in)
	id("waiting", due.ID, err)
	bills, err := p.Pay.BillsOf(cash, p.db.Reader, paid.ID)
	must(t, err)
	id("bill", bills[0].ID, nil)
	receipts, err := p.Pay.ReceiptsOf(cash, bills[0].ID)
	must(t, err)
	view, err := p.Pay.Open(cash, bills[0].ID)
	must(t, err)
	open, err := p.Pay.BillsOf(cash, p.db.Reader, due.ID)
	must(t, err)
	id("open bill", open[0].ID, nil)
	p.account(t, calendar.NewDate(2026, time.January, 1), pay.Account{BIN: "970405", Account: "1903002000001", Holder: "KBNN"})
	flagged, err := p.Pay.Notice(p.ctx, pay.NoticeIn{Way: pay.Transfer, Reference: "FT-1", Amount: 1000, Said: open[0].Reference, PaidAt: at})
	must(t, err)

	def, err := p.Services.Current(owner, "1.004873", at)
	must(t, err)
	form, err := p.Forms.Current(def.Form)
	must(t, err)
	draft, err := p.Forms.BeginDraft(owner, form, def.Code, forms.Answers{"requester_residence": "Ấp Mũi, nhà chị Mai"})
	id("draft", draft.ID, err)
	notices, _, err := p.Notify.Inbox(owner, uuid.Nil)
	must(t, err)
	id("notice", notices[0].ID, nil)
	consent, err := p.Records.GiveConsent(owner, records.ConsentIn{Client: client(), Purpose: "Xin học bổng", Agency: "tt-pvhcc-xa-dat-mui-2025", AgencyName: "TT PVHCC", Days: 30})
	must(t, err)
	reads, err := p.Book.AccessesOf(owner, p.personOf(t, "owner"), audit.AccessFilter{})
	must(t, err)
	x.ids["leaf"] = reads[0].Leaf
	must(t, p.Worklist.KeepView(hold, worklist.KeepViewIn{Client: client(), Name: "Hộ tịch", Query: "urgency=late"}))
	views, err := p.Worklist.Views(hold)
	must(t, err)
	second, err := p.Identity.DemoSignIn(t.Context(), "congdan") // on another device
	must(t, err)
	device, err := p.Identity.Session(t.Context(), second.Token)
	must(t, err)

	// another one that is worked on, about which another body was asked twice
	worked, err := p.Services.Submit(p.role(t, "other"), services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: marital()})
	id("processed", worked.ID, err)
	must(t, p.Services.Accept(recv, services.AcceptIn{Dossier: worked.ID, Client: client()}))
	must(t, p.Services.Take(hold, services.TakeIn{Dossier: worked.ID, Client: client()}))
	asked := func() uuid.UUID {
		must(t, p.Services.Consult(hold, services.ConsultIn{Dossier: worked.ID, Client: client(), Bodies: []string{"so-xay-dung"}, Question: "Có ý kiến gì?", Number: 2, Unit: "wd"}))
		rec, err := p.Services.Dossier(hold, worked.ID)
		must(t, err)
		return rec.Opinions[len(rec.Opinions)-1].ID
	}
	answered := asked()
	id("opinion", answered, nil)
	must(t, p.Services.AnswerOpinion(p.role(t, "far"), services.AnswerOpinionIn{Opinion: answered, Client: client(), Verdict: services.OpinionAgree}))
	open2 := asked()

	slips, err := p.Services.OrderBulk(hold, services.BulkIn{Client: client(), Act: services.BulkSlips, Dossiers: []uuid.UUID{worked.ID}})
	id("bulk", slips, err)

	// people and posts
	holder := actor.From(hold)
	id("post", holder.PostID, nil)
	victim, err := p.Directory.Enrol(p.ctx, directory.EnrolIn{PersonIn: directory.PersonIn{Name: "Lê Văn Rời", PersonalID: "096090009999"},
		Agency: holder.Office, Position: "staff", From: "2026-01-05"})
	id("official", victim, err)
	newcomer, err := p.Directory.Enrol(p.ctx, directory.EnrolIn{PersonIn: directory.PersonIn{Name: "Võ Thị Mới", PersonalID: "096190009998"},
		Agency: holder.Office, Position: "staff", From: "2026-01-05"})
	must(t, err)
	lent, err := p.Directory.Delegate(p.ctx, directory.DelegateIn{Form: directory.Substitution, Post: holder.PostID, Taker: p.personOf(t, "coll"), From: "2026-11-23", Until: "2026-12-01", Document: "thử"})
	id("delegation", lent, err)
	gone, err := p.Directory.PostsOf(t.Context(), victim)
	must(t, err)
	id("victim's post", gone[0].ID, nil)
	file := "Họ và tên,Số định danh,Mã cơ quan,Vị trí,Từ ngày\nPhạm Văn Nhập,096090008888," + holder.Office + ",staff,2026-11-01\n"
	imported, err := p.Directory.PreviewImport(p.role(t, "padm"), "people.csv", []byte(file))
	id("import", imported.Draft, err)
	year, err := p.Calendar.Draft(p.role(t, "padm"), calendar.DraftIn{Year: 2028})
	must(t, err)

	// the papers of the dossier are made by jobs
	eventually(t, "the papers", func() bool {
		rec, err := p.Services.Dossier(recv, paid.ID)
		must(t, err)
		for _, o := range rec.Outgoing {
			if o.State != "issued" {
				return false
			}
			if o.Kind != services.OutgoingPayment { // whoever holds a receipt may read its number
				x.ids["verify"], x.ids["form"] = o.Verify, o.FileID.String()
			}
		}
		return true
	})

	me, err := directory.ReadPerson(t.Context(), p.db.Reader, p.personOf(t, "owner"))
	must(t, err)
	x.secrets = []string{me.Name, me.PersonalID, me.Phone, me.Email, paid.Code, due.Code, fileName, "chị Mai", receipts[0].String(), "Xin học bổng"}

	act := func(name string, fields ...string) {
		v := url.Values{"client": {client()}}
		for i := 0; i < len(fields); i += 2 {
			v.Add(fields[i], fields[i+1])
		}
		x.forms[name] = v
	}
	for _, name := range []string{"accept", "ask-fee", "take", "number", "approve-ask"} {
		act("POST /desk/dossiers/{id}/" + name)
	}
	for _, name := range []string{"refuse", "stop", "resume", "reopen", "send-back"} {
		act("POST /desk/dossiers/{id}/"+name, "reason", "vì", "basis", "Luật")
	}
	act("POST /desk/dossiers/{id}/ask", "what.0", "Giấy A", "how.0", "Nộp", "basis", "Luật")
	act("POST /desk/dossiers/{id}/consult", "body", "so-xay-dung", "question", "Gì?", "number", "2", "unit", "wd")
	act("POST /desk/dossiers/{id}/drop-opinion", "opinion", open2.String(), "reason", "vì")
	act("POST /desk/opinions/{id}", "verdict", "agree")
	act("POST /desk/bulk", "act", "slips")
	act("POST /desk/bulks/{id}/stop")
	act("POST /desk/dossiers/views", "name", "Của tôi", "query", "term=late")
	act("POST /desk/dossiers/views/drop", "id", uuid.NewString())
	act("POST /desk/dossiers/{id}/assign", "to", p.personOf(t, "coll").String())
	act("POST /desk/dossiers/{id}/set-fee", "amount", "1000", "basis", "Nghị quyết")
	act("POST /desk/dossiers/{id}/cash", "method", "cash")
	act("POST /desk/dossiers/{id}/forward", "to", p.personOf(t, "coll").String())
	act("POST /desk/dossiers/{id}/propose", "outcome", "refused", "reason", "vì", "basis", "Luật")
	act("POST /desk/dossiers/{id}/sign", "pin", pin)
	act("POST /desk/dossiers/{id}/return", "receiver", "Mai", "identity", "căn cước")
	act("POST /desk/dossiers/{id}/authority", "authority_kind", "family", "authority_scope", "Nộp hồ sơ")
	act("POST /desk/dossiers/{id}/originals", "seen.title", "agrees")
	act("POST /desk/dossiers/{id}/post", "carrier", "Bưu điện", "number", "EB123456789VN", "receiver", "Mai", "address", "Ấp Mũi")
	act("POST /desk/dossiers/{id}/delivered", "receiver", "Mai", "on", "2026-11-23")
	act("POST /desk/dossiers/{id}/came-back", "reason", "vắng", "on", "2026-11-23")
	act("POST /desk/dossiers/{id}/extend", "days", "2", "reason", "vì")
	act("POST /reminders", "on", "yes")
	act("POST /acting/answer", "mandate", uuid.NewString())
	act("POST /acting/end", "mandate", uuid.NewString())
	act("POST /acting/staff/change", "mandate", uuid.NewString())
	act("POST /desk/dossiers/{id}/relation", "holds", "yes")
	x.ids["party"] = p.declared(t, "congdan", child).String()
	act("POST /dossiers/{id}/withdraw")
	id("set", p.fileSet(t, p.birthSet(t, "2026-11-09")).ID, nil)
	act("POST /sets/{id}/withdraw")
	act("POST /dossiers/{id}/collect")
	act("POST /dossiers/{id}/rate", "score", "4", "speed", "4", "guidance", "4", "manner", "4")
	act("POST /desk/dossiers/{id}/answer-rating", "answer", "xin lỗi")
	act("POST /dossiers/{id}/supplement")
	act("POST /dossiers/{id}/complain", "text", "chậm")
	act("POST /desk/dossiers/{id}/answer-complaint", "complaint", paid.ID.String(), "answer", "xin lỗi")
	act("POST /bills/{id}/confirm", "way", "cash", "amount", "24000")
	act("POST /bills/{id}/reconcile", "flagged", flagged.Payment.String())
	act("POST /bills/{id}/void-receipt", "receipt", receipts[0].ID.String(), "why", "sai tên")
	act("POST /bills/{id}/refund", "payment", view.Payments[0].ID.String(), "back", "24000", "ground", "over-payment", "explained", "vì", "account", "1")
	act("POST /cash/accounts", "agency", "ubnd-xa-dat-mui-2025", "bin", "970405", "account", "1", "holder", "THU", "from", calendar.DateOf(p.clock.Now()).String())
	act("POST /records/consents/withdraw", "id", consent.String())
	act("POST /desk/views/drop", "id", views[0].ID.String())
	act("POST /desk/views", "name", "Của tôi", "query", "")
	act("POST /account/sessions/end", "id", device.Session.String())
	act("POST /account/post", "id", holder.PostID.String())
	act("POST /account/passkeys/remove", "id", "AAAA")
	act("POST /accounts", "person", newcomer.String(), "name", "moi.datmui")
	act("POST /accounts/link", "account", "thuly.datmui")
	act("POST /accounts/close", "account", "phochutich.datmui")
	act("POST /accounts/reopen", "account", "phochutich.datmui")
	act("POST /calendar/{year}/publish", "draft", year.ID.String())
	act("POST /notices/preferences", "lang", "vi", "mail", "on")
	for _, name := range []string{"partner", "partner that ends"} {
		partner, err := p.Partners.Enrol(p.role(t, "padm"), partners.EnrolIn{Client: client(), Name: "Phần mềm Thử", Contact: "thu@example.vn", Scopes: partners.Scopes, PerMinute: 60})
		id(name, partner, err)
	}
	act("POST /partners/keys/revoke", "key", uuid.NewString())
	act("POST /account/partners/withdraw", "id", uuid.NewString())
	act("POST /demo/sign-in", "account", "congdan2")
	act("POST /desk/intake", "procedure", "1.004873", "applicant", victim.String())
	act("POST /desk/exchange/retry", "code", "H12.94.04-261123-0009")
	act("POST /lookup", "code", "H12.94.04-261123-0009", "fact", me.PersonalID)
	act("POST /directory/agencies/{agency}/appoint", "person", victim.String(), "position", "clerk", "from", "2026-11-01")
	act("POST /directory/agencies/{agency}/enrol", "name", "Trần Thị Mới", "position", "staff", "from", "2026-11-01", "personal_id", "096090007777")
	act("POST /directory/posts/{post}/transfer", "agency", holder.Office, "position", "clerk", "on", "2026-11-20", "basis", "thử")
	act("POST /directory/posts/{post}/end", "on", "2026-11-20", "reason", "thử")
	act("POST /directory/people/{person}/leave", "on", "2026-11-21", "reason", "thử")
	act("POST /directory/people/{person}/correct", "name", "Lê Văn Rời", "basis", "thử", "version", "99")
	act("POST /directory/posts/{post}/lend", "form", "substitution", "taker", p.personOf(t, "coll").String(), "from", "2026-11-23", "until", "2026-11-30", "document", "thử")
	act("POST /directory/agencies/{agency}/merge", "into", "ubnd-xa-dat-mui-2025", "on", "2020-01-01", "basis", "thử")
	x.headers["POST /uploads"] = [2]string{"Upload-Length", "10"}
	x.headers["PATCH /uploads/{id}"] = [2]string{"Upload-Offset", "0"}
	return x
}

// address puts the exhibits into a pattern. A line may name another exhibit than the usual one in
// brackets: "GET /files/{id} [held]".
func (x exhibits) address(t *testing.T, line string) (method, path string) {
	t.Helper()
	pattern, special, _ := strings.Cut(line, " [")
	special = strings.TrimSuffix(special, "]")
	method, path, _ = strings.Cut(pattern, " ")
	usual := map[string]string{"{agency}": "vp-hdnd-ubnd-xa-dat-mui-2025", "{person}": x.ids["official"], "{post}": x.ids["victim's post"], "{delegation}": x.ids["delegation"],
		"{draft}": x.ids["draft"], "{leaf}": x.ids["leaf"], "{year}": "2028", "{code}": "1.004873", "{token}": "khong-co", "{request}": "MA==", "{file}": "root.cer",
		"{page}": "1", "{party}": x.ids["party"], "{$}": ""}
	switch {
	case strings.HasPrefix(path, "/files/"):
		usual["{id}"] = x.ids["file"]
	case strings.HasPrefix(path, "/uploads/"):
		usual["{id}"] = x.ids["upload"]
	case strings.HasPrefix(path, "/bills/"):
		usual["{id}"] = x.ids["bill"]
	case path == "/partners/{id}/close":
		usual["{id}"] = x.ids["partner that ends"]
	case strings.HasPrefix(path, "/sets/"):
		usual["{id}"] = x.ids["set"]
	case strings.HasPrefix(path, "/partners/"):
		usual["{id}"] = x.ids["partner"]
	case strings.HasPrefix(path, "/desk/opinions/"):
		usual["{id}"] = x.ids["opinion"]
	case strings.HasPrefix(path, "/desk/bulks/"):
		usual["{id}"] = x.ids["bulk"]
	case strings.HasPrefix(path, "/notices/"):
		usual["{id}"] = x.ids["notice"]
	case strings.HasPrefix(path, "/directory/import/"):
		usual["{draft}"] = x.ids["import"]
	case strings.HasPrefix(path, "/v"):
		usual["{code}"] = x.ids["verify"]
	case strings.HasPrefix(path, "/apply/"):
		usual["{page}"] = "requester"
	case strings.HasPrefix(path, "/desk/define/"):
		usual["{page}"], usual["{part}"], usual["{what}"], usual["{id}"], usual["{version}"] = "requester", "names", "q", "purpose", "2"
	default:
		usual["{id}"] = x.ids["dossier"]
	}
	return method, regexp.MustCompile(`\{[a-z$]+\}`).ReplaceAllStringFunc(path, func(brace string) string {
		if special != "" && brace != "{$}" {
			if x.ids[special] == "" {
				t.Fatalf("%s: there is no such exhibit", line)
			}
			return x.ids[special]
		}
		if usual[brace] == "" && brace != "{$}" {
			t.Fatalf("%s: nothing stands for %s", line, brace)
		}
		return usual[brace]
	})
}

// visit sends the request of a line as a role and says what became of it.
func (p *province) visit(t *testing.T, x exhibits, cookies []*http.Cookie, line string) (got, body string) {
	t.Helper()
	method, path := x.address(t, line)
	pattern, _, _ := strings.Cut(line, " [")
	var send io.Reader
	if method == http.MethodPost {
		v := x.forms[pattern]
		if v.Has("client") { // each form is a new one
			v = url.Values(http.Header(v).Clone())
			v.Set("client", client())
		}
		send = strings.NewReader(v.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, send)
	if err != nil {
		t.Fatal(err)
	}
	if send != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if h, ok := x.headers[pattern]; ok {
		r.Header.Set(h[0], h[1])
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	where := res.Header.Get("Location")
	switch {
	case res.StatusCode < 300:
		got = "ok"
	case res.StatusCode == http.StatusSeeOther && strings.HasPrefix(where, "/sign-in") && !strings.HasPrefix(path, "/sign-"):
		got = "in"
	case res.StatusCode == http.StatusSeeOther:
		got = "go"
	case res.StatusCode == http.StatusUnprocessableEntity:
		got = "bad"
	default:
		got = fmt.Sprint(res.StatusCode)
	}
	return got, string(all) + where
}

// signedIn gives the cookies of a fresh session of a role.
func (p *province) signedIn(t *testing.T, role string) []*http.Cookie {
	t.Helper()
	account := roleAccounts[role]
	if account == "" {
		return nil
	}
	in, err := p.Identity.DemoSignIn(t.Context(), account)
	if err != nil {
		t.Fatalf("%s: %v", account, err)
	}
	return []*http.Cookie{{Name: "datmui", Value: in.Token}}
}

// Every route of the built site × every role, by real requests on rows that exist. A route without
// a line, or a line without a route, is a fault; so is any trace of a citizen's matter in what
// somebody is answered who has no business with it.
func TestRoutesByRole(t *testing.T) {
	t.Parallel()
	var log lines
	p := open(t, withMail, withLog(&log))
	p.cast(t)
	x := p.exhibit(t)
	m := readMatrix(t, routeMatrix)
	listed := map[string]bool{}
	for _, name := range m.names {
		pattern, _, _ := strings.Cut(name, " [")
		listed[pattern] = true
	}
	for _, rt := range p.Web.Routes() {
		if !listed[rt.Pattern] {
			t.Errorf("the route %s has no line in the matrix", rt.Pattern)
		}
		delete(listed, rt.Pattern)
	}
	for pattern := range listed {
		t.Errorf("the matrix has a line for %s, but no page package has that route", pattern)
	}
	ends := regexp.MustCompile(`^POST (/sign-out|/demo/sign-in)$`) // the session is not to be used again
	concerned := []string{"recv", "hold", "lead", "clerk", "cash"}
	sessions := map[string][]*http.Cookie{}
	for _, role := range m.roles {
		sessions[role] = p.signedIn(t, role)
	}
	for _, line := range m.names {
		for _, role := range m.roles {
			cookies := sessions[role]
			if ends.MatchString(line) {
				cookies = p.signedIn(t, role)
			}
			got, body := p.visit(t, x, cookies, line)
			if want := m.wants(line, role); got != want {
				t.Errorf("%s as %s: %s, want %s", line, role, got, want)
			}
			denied := got == "404" || got == "403" || got == "in"
			if role == "owner" || slices.Contains(concerned, role) && !denied || strings.HasPrefix(line, "GET /demo") || // names who can be tried, and shows the mails it does not send
				role == "insp" && strings.HasPrefix(line, "GET /audit") { // who acted on which dossier is what an inspector looks for
				continue
			}
			for _, secret := range x.secrets {
				if strings.Contains(body, secret) {
					t.Errorf("%s as %s (%s) shows %q", line, role, got, secret)
				}
			}
		}
	}
	secrets := p.whisper(t)
	for role, cookies := range sessions {
		if slices.Contains([]string{"owner", "recv", "insp", "padm"}, role) {
			p.unreadable(t, x, cookies)
		}
		for _, c := range cookies {
			secrets = append(secrets, c.Value)
		}
	}
	p.keepsQuiet(t, &log, secrets)
	if n, err := pg.Value[int64](p.db.Reader.Query(t.Context(), `SELECT count(*) FROM worklist.view WHERE name = 'Hộ tịch'`)); err != nil || n != 0 {
		t.Errorf("%d views are left when their owner has dropped hers, %v", n, err)
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 80))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
