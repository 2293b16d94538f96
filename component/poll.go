package component

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/authcall/authcall/internal/backoff"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/expression"
)

// polled starts an operation and asks for it until poll_until is true. The
// last answer is the outcome.
func (c *Caller) polled(ctx context.Context, x *exchanger, to call.Receiver) (*Outcome, error) {
	last, err := c.poll(ctx, x)
	if err != nil {
		return nil, err
	}
	if err := last.deliver(to); err != nil {
		return nil, call.Unstored(last.answer, err)
	}
	return c.judge(ctx, last)
}

// poll returns the first answer for which poll_until is true, or one that is
// no success. An operation that an earlier try of the task began is asked for
// again, not begun twice.
func (c *Caller) poll(ctx context.Context, x *exchanger) (exchange, error) {
	place, err := c.operation.load(c.target)
	if err != nil {
		return exchange{}, err
	}
	var request *http.Request
	if place != nil {
		c.log.Info().Msg("an earlier try has begun the operation; asking for it")
		request, err = c.again(x, place)
	} else {
		request, err = c.first(x)
	}
	for err == nil {
		var current exchange
		if current, err = c.fetch(ctx, x, request); err != nil {
			return exchange{}, err
		}
		done, doneErr := c.done(ctx, current)
		if doneErr != nil || done {
			return current, errors.Join(doneErr, c.forget(current.answer, doneErr))
		}
		request, err = c.next(ctx, x, &place, current)
	}
	return exchange{}, err
}

// forget lets another try of the task begin anew, where the operation is over. What
// tells nothing of it, such as a service that is down, leaves it to be asked for
// again: it may still go on.
func (c *Caller) forget(answer *Answer, problem error) error {
	silent := []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired,
		http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
	}
	if problem != nil || answer.Status >= http.StatusInternalServerError || slices.Contains(silent, answer.Status) {
		return nil
	}
	return c.operation.clear()
}

// done says whether there is nothing more to ask for.
func (c *Caller) done(ctx context.Context, current exchange) (bool, error) {
	if current.answer.Status >= http.StatusMultipleChoices {
		return true, nil
	}
	value, err := c.expressions.pollUntil.Evaluate(ctx, current.seen())
	if err != nil {
		return false, c.unfit(ctx, current.answer, fmt.Errorf("poll_until: %w", err))
	}
	return expression.Truth(value), nil
}

// next waits and makes the next request. The place of the operation is what
// the first answer says, and is kept for another try of the task.
func (c *Caller) next(ctx context.Context, x *exchanger, place **url.URL, current exchange) (*http.Request, error) {
	if *place == nil {
		found, err := operationOf(c.target, current.answer)
		if err != nil {
			return nil, c.unfit(ctx, current.answer, err)
		}
		if err := c.operation.save(found); err != nil {
			return nil, err
		}
		*place = found
	}
	wait := time.Duration(c.config.PollIntervalSeconds) * time.Second
	if after, given := backoff.RetryAfter(current.answer.Header, time.Now()); given {
		wait = after
	}
	c.log.Info().Msgf("not done (%d); asking again in %v", current.answer.Status, wait)
	if err := c.sleep(ctx, wait); err != nil {
		return nil, &call.Error{Problem: call.TimedOut, Method: http.MethodGet, URL: call.Bare(*place), Attempts: 1, Err: errors.New("the operation is not done")}
	}
	return c.again(x, *place)
}

// sleep waits, or gives up at once where the time for the call is too short.
func (c *Caller) sleep(ctx context.Context, wait time.Duration) error {
	if !(backoff.Policy{Sleep: c.policy.sleep}).Wait(ctx, wait) {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return context.DeadlineExceeded
	}
	return nil
}

// operationOf is where an operation can be asked for. It must be at the origin
// of the call, for the token goes there too.
func operationOf(target *url.URL, answer *call.Answer) (*url.URL, error) {
	location := answer.Header.Get("Operation-Location")
	if location == "" {
		location = answer.Header.Get("Location")
	}
	if location == "" {
		return target, nil
	}
	return sameOrigin(target, location)
}

// sameOrigin resolves a reference that must not lead to another origin.
func sameOrigin(target *url.URL, reference string) (*url.URL, error) {
	place, err := target.Parse(reference)
	if err != nil {
		return nil, fmt.Errorf("the service names the URL %q, which is none", withoutSecrets(reference))
	}
	if !call.SameOrigin(place, target) {
		return nil, fmt.Errorf("the service names a URL at %s://%s, want it at %s://%s, where the token may go", place.Scheme, place.Host, target.Scheme, target.Host)
	}
	return place, nil
}
