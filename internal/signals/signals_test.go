package signals

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/authcall/authcall/internal/exitcode"
)

// Not parallel: the signals go to the process.
func TestNotifyContext(t *testing.T) {
	cases := []struct {
		signal syscall.Signal
		want   int
	}{
		{signal: syscall.SIGINT, want: exitcode.Interrupted},
		{signal: syscall.SIGTERM, want: exitcode.Terminated},
	}
	for _, c := range cases {
		t.Run(c.signal.String(), func(t *testing.T) {
			ctx, stop := NotifyContext(t.Context())
			defer stop()
			if err := syscall.Kill(os.Getpid(), c.signal); err != nil {
				t.Fatal(err)
			}
			<-ctx.Done()
			cause, ok := Cause(ctx, nil)
			if !ok || cause.ExitCode() != c.want {
				t.Fatalf("cause = %v, want exit code %d", cause, c.want)
			}
			if !errors.Is(cause, context.Canceled) {
				t.Error("the cause does not pass for context.Canceled")
			}
		})
	}
}

func TestCause(t *testing.T) {
	t.Parallel()
	ctx, stop := NotifyContext(t.Context())
	if e, ok := Cause(ctx, errors.New("other")); ok {
		t.Errorf("before any signal: cause %v", e)
	}
	stop()
	<-ctx.Done()
	if e, ok := Cause(ctx, ctx.Err()); ok {
		t.Errorf("after stop: cause %v", e)
	}
	wrapped := fmt.Errorf("watching: %w", &Error{Signal: syscall.SIGTERM})
	if e, ok := Cause(t.Context(), wrapped); !ok || e.ExitCode() != exitcode.Terminated {
		t.Errorf("wrapped: cause %v, want SIGTERM", e)
	}
}
