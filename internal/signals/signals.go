package signals

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/authcall/authcall/internal/exitcode"
)

// Error is the cause of a context that a signal ended.
type Error struct {
	// Signal is os.Interrupt or syscall.SIGTERM.
	Signal os.Signal
}

func (e *Error) Error() string { return "stopped by signal: " + e.Signal.String() }

// Is makes the cause pass for context.Canceled, as that of a context that was
// cancelled without a cause is.
func (*Error) Is(target error) bool { return target == context.Canceled }

// ExitCode is 128 and the signal's number.
func (e *Error) ExitCode() int {
	if e.Signal == os.Interrupt {
		return exitcode.Interrupted
	}
	return exitcode.Terminated
}

// NotifyContext returns a context that ends on the first SIGINT or SIGTERM. From
// then on, and after stop, a further signal ends the process at once: whoever
// sends a second one is tired of waiting.
func NotifyContext(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	received := make(chan os.Signal, 1)
	signal.Notify(received, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(received)
		select {
		case s := <-received:
			cancel(&Error{Signal: s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// Cause finds the signal that ended the context, or that err came of.
func Cause(ctx context.Context, err error) (*Error, bool) {
	var e *Error
	if errors.As(context.Cause(ctx), &e) || errors.As(err, &e) {
		return e, true
	}
	return nil, false
}
