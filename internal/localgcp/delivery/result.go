package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ErrDeadline says that the target took longer than the request's deadline.
var ErrDeadline = errors.New("the deadline is exceeded")

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
