package authcall

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/internal/logging"
)

// streams are the process's standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// command is one command of the program.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string, s streams) error
}

func commands() []command {
	return []command{
		{"component", "run as the pipeline step: read the executor input, make the call, write the outputs", runComponent},
		{"call", "make the same call from a terminal; the body goes to stdout", runCall},
		{"check", "show what a call needs, and whether it is so; no side effects", runCheck},
		{"token", "print the token that a call would carry", runToken},
		{"verify", "say of a token on stdin whether it is valid, why not, and who accepts it", runVerify},
		{"version", "print the version", runVersion},
	}
}

// Main runs the program and returns its exit code. The args are those after the
// program's name.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	logging.SilenceLibraries()
	s := streams{in: stdin, out: stdout, err: stderr}
	err := dispatch(ctx, args, s)
	var failed *exitError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitcode.OK
	case errors.As(err, &failed):
		return failed.code
	}
	return report(ctx, err, stderr)
}

// report tells of an error on one line and gives its exit code.
func report(ctx context.Context, err error, stderr io.Writer) int {
	if code, ok := interrupt.ExitCode(ctx); ok {
		_, _ = fmt.Fprintln(stderr, "authcall:", context.Cause(ctx)) // nowhere to tell of a broken stderr
		return code
	}
	finding := component.Explain(err)
	_, _ = fmt.Fprintln(stderr, "authcall:", finding)
	return finding.Code
}

func dispatch(ctx context.Context, args []string, s streams) error {
	if len(args) == 0 {
		usage(s.err)
		return &exitError{code: exitcode.Usage}
	}
	switch name := args[0]; name {
	case "help", "-h", "-help", "--help":
		return help(ctx, args[1:], s)
	case "-version", "--version":
		return runVersion(ctx, nil, s)
	default:
		return find(name).run(ctx, args[1:], s)
	}
}

// find returns the command of a name; an unknown one gives a command that says so.
func find(name string) command {
	for _, c := range commands() {
		if c.name == name {
			return c
		}
	}
	return command{run: func(context.Context, []string, streams) error {
		return usageError("unknown command %q; 'authcall help' lists them", name)
	}}
}

func help(ctx context.Context, args []string, s streams) error {
	if len(args) > 0 {
		return find(args[0]).run(ctx, []string{"-h"}, s)
	}
	usage(s.out)
	return nil
}

func usage(w io.Writer) {
	_, _ = fmt.Fprint(w, `authcall calls a private service with a Google credential, as a pipeline step or by hand.

Commands:
`)
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	_, _ = fmt.Fprint(w, `
Examples:
  authcall call https://hello-123456.us-central1.run.app/ --service-account caller@my-project.iam.gserviceaccount.com
  authcall component --executor_input "$EXECUTOR_INPUT"

'authcall help COMMAND' tells more. Every option is also read from AUTHCALL_NAME in the environment.

Exit codes: 0 done, 1 the service answered without success, 2 bad usage or input,
3 identity or permission, 4 unreachable or out of time, 130 and 143 interrupted.
`)
}

// exitError ends the program with a code after everything has been said.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func usageError(format string, args ...any) error {
	return &component.InputError{Err: fmt.Errorf(format, args...)}
}
