package authpipe

import (
	"context"
	"io"
)

// Main runs the program and returns its exit code. The args are those after the
// program's name.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	f, err := newFactory(stdin, stdout, stderr)
	if err == nil {
		root := newRoot(f)
		root.SetArgs(args)
		err = root.ExecuteContext(ctx)
	}
	return report(ctx, err, f)
}
