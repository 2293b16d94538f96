package call

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/backoff"
)

// Options are what a Client is made of.
type Options struct {
	// Transport is the process's one transport, from NewTransport.
	Transport http.RoundTripper
	// Policy says where calls may go.
	Policy Policy
	// Authorizer puts the credential on each request.
	Authorizer Authorizer
	// MaxAttempts is how often a request is sent at the most.
	MaxAttempts int
	// FollowRedirects lets redirects be followed that stay at the same scheme,
	// host and port and keep the method. Others are answers.
	FollowRedirects bool
	// IdleTimeout bounds the silence within a body; zero means no bound.
	IdleTimeout time.Duration
	// Backoff spaces the attempts.
	Backoff backoff.Policy
	// Log is told of retries, and at debug level of every request.
	Log zerolog.Logger
}

// Client makes calls.
type Client struct {
	http     *http.Client
	attempts int
	idle     time.Duration
	log      zerolog.Logger
}

// New stacks the layers. A request passes, from the outside in,
//
//	location    no redirect to what is no URL
//	policy      may this URL be called at all?
//	credential  put the token on; on 401 once more with a fresh one
//	retry       again where that is safe
//	log         a line for each request on the wire
//	transport   the connection
//
// A redirect is never followed to another origin: it would carry the token to
// wherever it points.
func New(o Options) *Client {
	var stack http.RoundTripper = &logTransport{log: o.Log, next: o.Transport}
	stack = &retryTransport{attempts: o.MaxAttempts, backoff: o.Backoff, log: o.Log, next: stack}
	stack = &credentialTransport{authorizer: o.Authorizer, next: stack}
	stack = &policyTransport{policy: o.Policy, next: stack}
	stack = &locationTransport{next: stack}
	return &Client{
		http:     &http.Client{Transport: stack, CheckRedirect: redirects(o.FollowRedirects)},
		attempts: o.MaxAttempts,
		idle:     o.IdleTimeout,
		log:      o.Log,
	}
}

// Do sends the request and streams the answer's body into sink. It returns an
// Answer whatever the status is; an *Error means that there is no answer, or
// not the whole of it.
func (c *Client) Do(ctx context.Context, r *http.Request, sink *Sink) (*Answer, error) {
	start := time.Now()
	response, err := c.http.Do(r.WithContext(ctx))
	if err != nil {
		return nil, failed(ctx, r, err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end below
	received := time.Now()
	if err := c.receive(ctx, r, response, sink); err != nil {
		return nil, cutOff(ctx, r, err)
	}
	return &Answer{
		Method:   r.Method,
		URL:      response.Request.URL,
		Proto:    response.Proto,
		Status:   response.StatusCode,
		Header:   response.Header,
		Bytes:    sink.bytes,
		SHA256:   sink.SHA256(),
		Attempts: attempt(response.Request.Context()),
		Elapsed:  time.Since(start),
		Received: received,
	}, nil
}

// Answer is what a service answered, less its body.
type Answer struct {
	// Method and URL are those of the request.
	Method string
	URL    *url.URL
	// Proto is the protocol, such as HTTP/2.0.
	Proto string
	// Status is the HTTP status code.
	Status int
	// Header is the answer's header as received.
	Header http.Header
	// Bytes and SHA256 are the body's length and its hex digest.
	Bytes  int64
	SHA256 string
	// Attempts is how often the request was sent, with the last credential.
	Attempts int
	// Received is when the answer's header came.
	Received time.Time
	// Elapsed is the time from the first attempt to the end of the body.
	Elapsed time.Duration
}

// Bare is a URL without query, fragment and user, fit for a log.
func Bare(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
