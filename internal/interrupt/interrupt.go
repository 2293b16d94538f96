package interrupt

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/authcall/authcall/internal/exitcode"
)

// Error is the cause of a context that a signal ended.
type Error struct{ Signal os.Signal }

func (e *Error) Error() string {
	switch e.Signal {
	case os.Interrupt:
		return "stopped by SIGINT"
	case syscall.SIGTERM:
		return "stopped by SIGTERM"
	}
	return "stopped by " + e.Signal.String()
}

// Context returns a context that the first SIGINT or SIGTERM ends, with an
// *Error as its cause. A second one kills the process, as is the default.
func Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(&Error{Signal: s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(context.Canceled)
	}
}

// ExitCode returns the exit code that tells of the signal which ended the
// context; false means that none did.
func ExitCode(ctx context.Context) (int, bool) {
	var interrupted *Error
	if !errors.As(context.Cause(ctx), &interrupted) {
		return 0, false
	}
	if interrupted.Signal == os.Interrupt {
		return exitcode.Interrupted, true
	}
	return exitcode.Terminated, true
}
