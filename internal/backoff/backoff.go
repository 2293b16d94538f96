package backoff

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Policy says how waits grow. The zero value never waits.
type Policy struct {
	// Base is the longest first wait.
	Base time.Duration
	// Max caps every wait, save one that a Retry-After asks for.
	Max time.Duration
	// Sleep waits for the duration or until the context ends; nil means Sleep of
	// this package. Tests replace it.
	Sleep func(context.Context, time.Duration) error
}

// Default is the policy for calls to Google's APIs and to services: 250 ms
// doubling to 32 s, as curl and Google's own clients do in order of magnitude.
func Default() Policy { return Policy{Base: 250 * time.Millisecond, Max: 32 * time.Second} }

// Delay is the wait before try number n+1, n counting from 1. A Retry-After
// that the answer carries is obeyed: to come sooner would waste a try. Otherwise
// the wait is drawn evenly between zero and the cap for n, so that clients do not
// march in step.
func (p Policy) Delay(n int, answer http.Header) time.Duration {
	if after, ok := RetryAfter(answer, time.Now()); ok {
		return after
	}
	limit := p.Base
	for i := 1; i < n && limit < p.Max; i++ {
		limit *= 2
	}
	limit = min(limit, p.Max)
	if limit <= 0 {
		return 0
	}
	return rand.N(limit) //nolint:gosec // jitter needs no secret randomness
}

// Fits says whether a wait ends before the context does: one that outlives the time
// budget helps nobody.
func (p Policy) Fits(ctx context.Context, d time.Duration) bool {
	deadline, bounded := ctx.Deadline()
	return !bounded || d < time.Until(deadline)
}

// Wait sleeps for d. It returns false at once where that does not fit.
func (p Policy) Wait(ctx context.Context, d time.Duration) bool {
	if !p.Fits(ctx, d) {
		return false
	}
	sleep := p.Sleep
	if sleep == nil {
		sleep = Sleep
	}
	return sleep(ctx, d) == nil
}

// Sleep waits for d or until the context ends, whose error it then returns.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// RetryAfter reads the Retry-After header in both its forms, seconds and HTTP
// date (RFC 9110, section 10.2.3). A date in the past is a wait of zero, more
// seconds than there is time for are many; a value that is neither is as good as
// absent.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0, false
	}
	seconds, err := strconv.ParseUint(value, 10, 31) // the most of them, where there are more
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(seconds) * time.Second, true
	}
	when, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, when.Sub(now)), true
}
