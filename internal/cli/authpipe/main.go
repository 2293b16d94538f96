package authpipe

import (
	"context"
	"io"

	"github.com/authcall/authcall/internal/logging"
)

// Main runs the program and returns its exit code. The args are those after the
// program's name.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	logging.SilenceLibraries()
	f, err := newFactory(stdin, stdout, stderr)
	if err != nil {
		return report(ctx, f, err)
	}
	return execute(ctx, f, args)
}

// execute runs one command.
func execute(ctx context.Context, f *factory, args []string) int {
	root := newRoot(f)                        //nolint:contextcheck // cobra hands the context to the commands
	root.SetArgs(append([]string{}, args...)) // nil would mean the process's own
	return report(ctx, f, root.ExecuteContext(ctx))
}
