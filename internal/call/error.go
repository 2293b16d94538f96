package call

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// Problem is the way in which a call failed.
type Problem string

// The ways in which a call fails.
const (
	// NotConnected means that no connection was made, so nothing was sent.
	NotConnected Problem = "no connection"
	// Broken means that the connection ended before the answer came.
	Broken Problem = "the connection broke"
	// Truncated means that the body ended before its declared end.
	Truncated Problem = "the body is cut off"
	// Silent means that a connection gave nothing for longer than it may.
	Silent Problem = "the service fell silent"
	// TimedOut means that the time for the call ran out.
	TimedOut Problem = "the time ran out"
	// Untrusted means that the server's certificate was not accepted.
	Untrusted Problem = "the certificate is not trusted"
	// NotStored means that the body could not be written.
	NotStored Problem = "the body could not be stored"
	// TooLarge means that the body is longer than the caller takes.
	TooLarge Problem = "the body is too large"
)

// Error is a call without a whole answer.
type Error struct {
	// Problem is the way in which it failed.
	Problem Problem
	// Method and URL are those of the request; URL has no query.
	Method, URL string
	// CalledAs is the account whose token was sent; a caller that knows it sets it.
	CalledAs string
	// Attempts is how often it was tried.
	Attempts int
	// Err is the cause.
	Err error
}

// Error says what was tried and what went wrong.
func (e *Error) Error() string {
	text := e.Method + " " + e.URL
	if e.CalledAs != "" {
		text += " as " + e.CalledAs
	}
	text += ": " + string(e.Problem)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", e.Attempts)
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// failed turns an error of the stack into an Error. What the layers say that
// sent nothing, those of the policy and the credential, passes as it is.
func failed(ctx context.Context, r *http.Request, err error) error {
	var wrapped *url.Error // holds the whole URL with its query
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var refused *PolicyError
	if errors.As(err, &refused) {
		return refused
	}
	var tried *attemptsError
	if !errors.As(err, &tried) {
		return err
	}
	problem := Broken
	var waited net.Error
	switch {
	case isCertificate(err):
		problem = Untrusted
	case !tried.connected:
		problem = NotConnected
	case errors.As(tried.err, &waited) && waited.Timeout():
		problem = Silent
	}
	return failure(ctx, &Error{Problem: problem, Attempts: tried.attempts, Err: tried.err}, r)
}

// cutOff turns an error while the body came in into an Error.
func cutOff(ctx context.Context, r *http.Request, err error) error {
	problem := Truncated
	var sink *sinkError
	var idle *idleError
	switch {
	case errors.As(err, &sink):
		problem = sink.problem
	case errors.As(err, &idle):
		problem = Silent
	}
	return failure(ctx, &Error{Problem: problem, Attempts: 1, Err: err}, r)
}

// Unstored is the error of an answer that came whole, but of which a Sink or a
// Receiver took no more.
func Unstored(a *Answer, err error) error {
	e := &Error{Problem: NotStored, Method: a.Method, URL: Bare(a.URL), Attempts: a.Attempts, Err: err}
	var sink *sinkError
	if errors.As(err, &sink) {
		e.Problem = sink.problem
	}
	return e
}

func isSink(err error) bool {
	var sink *sinkError
	return errors.As(err, &sink)
}

// failure completes an Error. An end of the context goes before what it broke:
// the call's own deadline is a problem of its own, any other end, as by a
// signal, is the caller's business.
func failure(ctx context.Context, e *Error, r *http.Request) error {
	if cause := context.Cause(ctx); cause != nil {
		if !errors.Is(cause, context.DeadlineExceeded) {
			return cause
		}
		e.Problem, e.Err = TimedOut, nil
	}
	e.Method, e.URL = r.Method, Bare(r.URL)
	return e
}
