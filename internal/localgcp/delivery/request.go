package delivery

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// Request is one attempt to reach a target.
type Request struct {
	// Method is the HTTP method; empty means POST.
	Method string
	// URL is the target.
	URL string
	// Header goes with the request as it is.
	Header http.Header
	// Body goes with the request.
	Body []byte
	// Token is the credential that the service agent mints; nil means none.
	Token *serviceagent.Token
	// Deadline is how long the target may take; 0 means for ever.
	Deadline time.Duration
	// UserAgent is the sender's name.
	UserAgent string
	// Attempt is the number of the attempt from 1 on, for the log.
	Attempt int
}

func (r Request) method() string {
	if r.Method == "" {
		return http.MethodPost
	}
	return r.Method
}

// withoutQuery leaves out what may be secret in a URL.
func withoutQuery(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}

func (c *Client) request(ctx context.Context, agent Minter, r Request) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.method(), r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("the target's address is no URL: %w", bare(err))
	}
	c.atHome(request)
	for name, values := range r.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	request.Header.Set("User-Agent", r.UserAgent)
	if r.Token != nil {
		token, err := agent.Mint(*r.Token)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// IsGoogleAPI says whether a host is that of an API of Google's.
func IsGoogleAPI(host string) bool {
	return strings.HasSuffix(strings.ToLower(host), ".googleapis.com")
}

// atHome sends what is for Google's APIs to the local ones, so that a token of
// ours never leaves the machine in that way.
func (c *Client) atHome(r *http.Request) {
	if r.URL.Scheme == "https" && IsGoogleAPI(r.URL.Hostname()) {
		r.Host = r.URL.Host
		r.URL.Scheme, r.URL.Host = c.apis.Scheme, c.apis.Host
	}
}
