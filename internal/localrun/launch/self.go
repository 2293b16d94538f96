package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/authcall/authcall/internal/localrun"
)

// Self runs a step as a process of a program on this machine, by default this
// very program, which plays the image where its argv[0] names the image's.
type Self struct {
	// Name is the argv[0] in place of the command's first word, whatever that
	// is; empty means authcall.
	Name string
	// Executable is the program; empty means the one that runs now.
	Executable string
	// Env is added to each step's environment, as NAME=VALUE.
	Env []string
	// Grace is the time between SIGTERM and SIGKILL when a step is cancelled;
	// zero means 10 seconds.
	Grace time.Duration
}

// StepPath is the file itself, for the step sees the same file system.
func (Self) StepPath(_, _, local string) string { return local }

// Launch implements localrun.Launcher. The environment is built from scratch, as
// in a container: nothing of the user's own leaks in.
func (l Self) Launch(ctx context.Context, s localrun.Step) error {
	if len(s.Command) == 0 {
		return errors.New("the step has no command, so there is nothing to run without its image")
	}
	program := l.Executable
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
	}
	temp := filepath.Join(s.WorkDir, "tmp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Args = slices.Concat([]string{l.name()}, s.Command[1:], s.Args)
	cmd.Dir = s.WorkDir
	cmd.Env = slices.Concat([]string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=" + s.WorkDir,
		"TMPDIR=" + temp,
	}, l.Env, s.Env)
	return run(ctx, cmd, s, l.Grace)
}

func (l Self) name() string {
	if l.Name == "" {
		return "authcall"
	}
	return l.Name
}
