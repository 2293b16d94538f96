package launch

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"github.com/authcall/authcall/internal/localrun"
)

// defaultGrace is the time between asking a step to end and killing it, as
// Docker has it.
const defaultGrace = 10 * time.Second

// run runs a command for a step. When the context ends the process gets SIGTERM,
// and is killed after the grace period.
func run(ctx context.Context, cmd *exec.Cmd, s localrun.Step, grace time.Duration) error {
	if grace == 0 {
		grace = defaultGrace
	}
	cmd.Stdout, cmd.Stderr = s.Stdout, s.Stderr
	// A process group of its own: Ctrl-C in a terminal is for the runner, which
	// ends its steps itself.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return &localrun.ExitError{Code: exitCode(exit)}
	}
	if errors.Is(err, syscall.E2BIG) {
		return fmt.Errorf("an argument of the step has %d bytes, and this system takes none so long: pass what is long as a file, such as body_uri: %w", longest(cmd.Args), err)
	}
	return err
}

func longest(args []string) int {
	length := 0
	for _, arg := range args {
		length = max(length, len(arg))
	}
	return length
}

// exitCode is 128 and the number of the signal for a process that one has ended,
// as shells and container engines tell it.
func exitCode(exit *exec.ExitError) int {
	const signalled = 128
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return signalled + int(status.Signal())
	}
	return exit.ExitCode()
}
