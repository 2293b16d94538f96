package authpipe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/authcall/authcall/internal/cli/authpipe/remote"
	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/printable"
	"github.com/authcall/authcall/internal/vertex"
)

// usageError is a mistake in what the user gave: nothing was sent.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usageErrorf(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// waitError is a wait that ran out while the run goes on.
type waitError struct{ waited string }

func (e *waitError) Error() string { return "waited " + e.waited }

// curedError is an error with what mends it.
type curedError struct {
	err  error
	cure string
}

func (e *curedError) Error() string {
	return strings.TrimSuffix(e.err.Error(), ".") + "; to fix: " + e.cure
}
func (e *curedError) Unwrap() error { return e.err }

// withCure adds a cure, where one is known.
func withCure(err error, cure string) error {
	if err == nil || cure == "" {
		return err
	}
	return &curedError{err: err, cure: cure}
}

// kindCodes gives the exit code of each kind of failure of the pipeline service.
var kindCodes = map[vertex.Kind]int{
	vertex.Invalid:     exitcode.Usage,
	vertex.Credentials: exitcode.Identity,
	vertex.Permission:  exitcode.Identity,
	vertex.ActAs:       exitcode.Identity,
	vertex.Rejected:    exitcode.Unreachable,
	vertex.NotFound:    exitcode.Unreachable,
	vertex.Exists:      exitcode.Unreachable,
	vertex.Quota:       exitcode.Unreachable,
	vertex.Unavailable: exitcode.Unreachable,
	vertex.Internal:    exitcode.Unreachable,
}

// exitCode is the one place where an error becomes an exit code. What nobody
// foresaw counts as an API that did not work, never as a pipeline that failed.
func exitCode(ctx context.Context, err error) int {
	if err == nil {
		return exitcode.OK
	}
	if code, interrupted := interrupt.ExitCode(ctx); interrupted {
		return code
	}
	if e, ok := errors.AsType[*vertex.Error](err); ok {
		return kindCodes[e.Kind]
	}
	if e, ok := errors.AsType[*remote.Error](err); ok && e.Denied() {
		return exitcode.Identity
	}
	if code, ok := oidcExitCode(err); ok {
		return code
	}
	switch {
	case is[*vertex.RunError](err):
		return exitcode.Failed
	case is[*usageError](err), is[*specError](err), is[*pipelinespec.ParameterError](err):
		return exitcode.Usage
	case is[*waitError](err):
		return exitcode.WaitTimeout
	default:
		return exitcode.Unreachable
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// report tells of an error on one line, whoever wrote it, and gives its exit code.
func report(ctx context.Context, f *factory, err error) int {
	if err != nil {
		f.say("authpipe: %s", printable.Line(strings.ReplaceAll(err.Error(), "\n", "; ")))
	}
	return exitCode(ctx, err)
}
