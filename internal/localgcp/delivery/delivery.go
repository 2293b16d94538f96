package delivery

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

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
