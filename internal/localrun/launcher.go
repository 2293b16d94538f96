package localrun

import (
	"context"
	"fmt"
	"io"
)

// Launcher runs container steps.
type Launcher interface {
	// Launch runs a step to its end, or to that of the context. An exit code
	// other than 0 is an *ExitError.
	Launch(ctx context.Context, s Step) error
	// StepPath is how a step of the image sees a gs:// URI in its file system,
	// given the file's path on this machine.
	StepPath(image, uri, local string) string
}

// Step is one container step, with all placeholders replaced.
type Step struct {
	Image string
	// Command replaces the image's entrypoint where there is one.
	Command []string
	Args    []string
	// Env is what the step's environment has beyond what its launcher gives it,
	// NAME=value each.
	Env []string
	// WorkDir is a directory on this machine for the step alone; it is removed
	// afterwards.
	WorkDir        string
	Stdout, Stderr io.Writer
}

// ExitError says that a step ended with an exit code other than 0.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// StepError is a failed step with what it said.
type StepError struct {
	// Message is the errorMessage of the step's executor_error.json, or the last
	// line that it wrote to stderr.
	Message string
	// Own is set where Message is from executor_error.json.
	Own  bool
	Exit *ExitError
}

func (e *StepError) Error() string {
	switch {
	case e.Own:
		return e.Message
	case e.Message != "":
		return fmt.Sprintf("%v: %s", e.Exit, e.Message)
	default:
		return e.Exit.Error()
	}
}

func (e *StepError) Unwrap() error { return e.Exit }
