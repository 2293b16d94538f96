package interrupt

import (
	"context"
	"os"
	"syscall"
	"testing"
)

// Not parallel: the signals go to the whole process.
func TestContextEndsOnASignal(t *testing.T) {
	for signal, name := range map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM"} {
		ctx, stop := Context(t.Context())
		if err := syscall.Kill(os.Getpid(), signal); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		if code, ok := ExitCode(ctx); !ok || code != 128+int(signal) {
			t.Errorf("after %v: ExitCode = %d, %v; want %d", signal, code, ok, 128+int(signal))
		}
		if got, want := context.Cause(ctx).Error(), "stopped by "+name; got != want {
			t.Errorf("cause = %q, want %q", got, want)
		}
		stop()
	}
}

func TestExitCodeWithoutASignal(t *testing.T) {
	ctx, stop := Context(t.Context())
	stop()
	<-ctx.Done()
	if code, ok := ExitCode(ctx); ok {
		t.Errorf("ExitCode = %d, want none where no signal came", code)
	}
	if _, ok := ExitCode(context.Background()); ok {
		t.Error("ExitCode of a foreign context, want none")
	}
}
