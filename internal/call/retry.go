package call

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/backoff"
)

var errNoRewind = errors.New("the request body cannot be read twice")

// retryTransport tries again where that is safe:
//   - a connection that was never made: always;
//   - one that broke: where the request is idempotent;
//   - 429 and 503, by which a service says that it did not take the request: always;
//   - 502 and 504, which leave open whether it was done: where idempotent.
//
// It waits as the policy says, never past the deadline, and then gives the
// last answer or error as it is.
type retryTransport struct {
	attempts int
	backoff  backoff.Policy
	log      zerolog.Logger
	next     http.RoundTripper
}

func (t *retryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	for n := 1; ; n++ {
		answer, err, connected := t.try(r, n)
		reason := t.reason(r, answer, err, connected)
		if reason == "" || n >= t.attempts {
			return answer, exhausted(err, n, connected)
		}
		again, rewindErr := rewound(r)
		delay := t.backoff.Delay(n, headerOf(answer))
		if rewindErr != nil || !t.pause(r.Context(), n, reason, delay) {
			return last(r.Context(), answer, exhausted(err, n, connected))
		}
		if answer != nil {
			discard(answer)
		}
		r = again
	}
}

// last is how the tries ended: with what came last, or with the call itself.
func last(ctx context.Context, answer *http.Response, err error) (*http.Response, error) {
	if answer == nil || ctx.Err() == nil {
		return answer, err
	}
	discard(answer)
	return nil, context.Cause(ctx)
}

// try sends the request once, and tells whether it got a connection.
func (t *retryTransport) try(r *http.Request, n int) (answer *http.Response, err error, connected bool) { //nolint:revive // three results of one try
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }}
	ctx := httptrace.WithClientTrace(withAttempt(r.Context(), n), trace)
	answer, err = t.next.RoundTrip(r.WithContext(ctx))
	return answer, err, connected
}

// reason says why the request is to be tried again; "" means that it is not.
func (t *retryTransport) reason(r *http.Request, answer *http.Response, err error, connected bool) string {
	var refused *PolicyError
	switch {
	case r.Context().Err() != nil || errors.As(err, &refused) || isCertificate(err):
		return ""
	case err != nil && !connected:
		return "no connection"
	case err != nil && idempotent(r):
		return "the connection broke"
	case err != nil:
		return ""
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return answer.Status
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		if idempotent(r) {
			return answer.Status
		}
	}
	return ""
}

func (t *retryTransport) pause(ctx context.Context, n int, reason string, delay time.Duration) bool {
	if !t.backoff.Fits(ctx, delay) {
		t.log.Warn().Msgf("attempt %d of %d: %s; the wait of %v before another is longer than the time that is left", n, t.attempts, reason, delay.Round(time.Millisecond))
		return false
	}
	t.log.Warn().Msgf("attempt %d of %d: %s; trying again in %v", n, t.attempts, reason, delay.Round(time.Millisecond))
	return t.backoff.Wait(ctx, delay)
}

// idempotent says whether doing the request twice is as good as doing it once
// (RFC 9110, section 9.2.2), or the service can tell by its key.
func idempotent(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return r.Header.Get("Idempotency-Key") != ""
}

func headerOf(answer *http.Response) http.Header {
	if answer == nil {
		return nil
	}
	return answer.Header
}

// attemptsError adds to an error how often it was tried, and whether there was a
// connection at the last.
type attemptsError struct {
	attempts  int
	connected bool
	err       error
}

func (e *attemptsError) Error() string { return e.err.Error() }
func (e *attemptsError) Unwrap() error { return e.err }

func exhausted(err error, attempts int, connected bool) error {
	if err == nil {
		return nil
	}
	return &attemptsError{attempts: attempts, connected: connected, err: err}
}

type attemptKey struct{}

func withAttempt(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, attemptKey{}, n)
}

func attempt(ctx context.Context) int {
	n, _ := ctx.Value(attemptKey{}).(int)
	return n
}
