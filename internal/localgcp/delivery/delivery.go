package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// ErrDeadline says that the target took longer than the request's deadline.
var ErrDeadline = errors.New("the deadline is exceeded")

// Minter makes the credential of a request; *serviceagent.Agent is one.
type Minter interface {
	Mint(t serviceagent.Token) (string, error)
}

// Options are what a Client is made of.
type Options struct {
	// Clock tells when a deadline has come.
	Clock *clock.Clock
	// APIs is the URL of the local APIs, to which requests to Google's own go.
	APIs string
	// Transport carries the requests; nil means http.DefaultTransport's like.
	Transport http.RoundTripper
	// Log is told of each request.
	Log zerolog.Logger
}

// Client delivers requests. It is safe for concurrent use.
type Client struct {
	clock *clock.Clock
	apis  *url.URL
	http  *http.Client
	log   zerolog.Logger
}

// New makes a client.
func New(o Options) (*Client, error) {
	apis, err := url.Parse(o.APIs)
	if err != nil {
		return nil, fmt.Errorf("address of the APIs: %w", err)
	}
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{ForceAttemptHTTP2: true, IdleConnTimeout: idle}
	}
	return &Client{clock: o.Clock, apis: apis, log: o.Log, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// idle is how long a connection is kept for a next request.
const idle = 30 * time.Second

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

// Result is what became of a request.
type Result struct {
	// Status is the HTTP status, 0 where there was no answer.
	Status int
	// RetryAfter is how long the target wants to be left alone.
	RetryAfter time.Duration
	// Err says why there was no answer: the target was not reached, ErrDeadline,
	// or a *serviceagent.Denied. It holds no token.
	Err error
}

// OK says whether the target answered with success.
func (r Result) OK() bool { return r.Err == nil && r.Status >= 200 && r.Status <= 299 }

// Deliver makes the request, follows no redirect, and reads the answer to see
// that it is whole, but keeps nothing of it.
func (c *Client) Deliver(ctx context.Context, agent Minter, r Request) Result {
	start := c.clock.Now()
	result := c.deliver(ctx, agent, r)
	account := ""
	if r.Token != nil {
		account = r.Token.ServiceAccount
	}
	event := c.log.Info()
	if result.Err != nil {
		event = c.log.Warn().Err(result.Err)
	}
	event.Str("method", r.method()).Str("url", withoutQuery(r.URL)).Int("attempt", max(r.Attempt, 1)).Str("account", account).
		Int("status", result.Status).Dur("ms", c.clock.Now().Sub(start)).Msg("delivery by " + r.UserAgent)
	return result
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

func (c *Client) deliver(ctx context.Context, agent Minter, r Request) Result {
	ctx, cancel := c.withDeadline(ctx, r.Deadline)
	defer cancel(nil)
	request, err := c.request(ctx, agent, r)
	if err != nil {
		return Result{Err: err}
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return Result{Err: failure(ctx, err)}
	}
	defer func() { _ = answer.Body.Close() }()
	result := Result{Status: answer.StatusCode, RetryAfter: c.retryAfter(answer.Header.Get("Retry-After"))}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return Result{Err: failure(ctx, err)}
	}
	return result
}

// withDeadline ends the context when the clock says so.
func (c *Client) withDeadline(ctx context.Context, d time.Duration) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if d > 0 {
		until := c.clock.Now().Add(d)
		go func() {
			if c.clock.Wait(ctx, until) == nil {
				cancel(ErrDeadline)
			}
		}()
	}
	return ctx, cancel
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

// failure is why the context ended where it did, or the error itself.
func failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("the target was not reached: %w", bare(err))
}

// bare leaves out the URL, which may hold secrets in its query.
func bare(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// retryAfter reads both forms of the header; what is neither is none.
func (c *Client) retryAfter(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return min(time.Duration(seconds), maxRetryAfter/time.Second) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(c.clock.Now()), 0), maxRetryAfter)
	}
	return 0
}

// maxRetryAfter keeps a wait finite.
const maxRetryAfter = 24 * time.Hour
