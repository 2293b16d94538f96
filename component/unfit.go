package component

import (
	"context"
	"errors"

	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/diagnose"
)

// unfitError is an answer that is another than the config says: an expression has
// no value for it, or it names no next request that may be sent.
type unfitError struct{ finding Finding }

func (e *unfitError) Error() string { return e.finding.Cause }

// unfit tells of such an answer. Where the time for the call has run out meanwhile,
// that is the news.
func (c *Caller) unfit(ctx context.Context, answer *Answer, problem error) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		return &call.Error{Problem: call.TimedOut, Method: answer.Method, URL: call.Bare(answer.URL), Attempts: answer.Attempts}
	case cause != nil:
		return cause
	}
	return &unfitError{diagnose.Unfit(answer, c.caller(ctx), c.shown().redact(problem.Error()))}
}
