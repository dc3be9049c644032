//go:build e2e

package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
)

// client fetches pages without a browser, to see which there are.
type client struct {
	t    *testing.T
	http *http.Client
	url  string
	path string // of the page shown
	kind string // its content type
	body string
}

func newClient(t *testing.T, at string) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, http: &http.Client{Jar: jar}, url: at}
}

func (c *client) take(r *http.Response, err error) int {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.path, c.kind, c.body = r.Request.URL.RequestURI(), r.Header.Get("Content-Type"), string(body)
	return r.StatusCode
}

func (c *client) get(path string) int {
	c.t.Helper()
	r, err := c.http.Get(c.url + path)
	return c.take(r, err)
}

func (c *client) post(path string, fields ...string) int {
	c.t.Helper()
	v := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r, err := c.http.PostForm(c.url+path, v)
	return c.take(r, err)
}
