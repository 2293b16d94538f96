package conformance

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/cli/authpipe"
	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/tests/internal/localup"
)

// TestMain lets this very binary be both programs, found in the PATH under
// their names.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"authcall": program(authcall.Main),
		"authpipe": program(authpipe.Main),
	})
}

// program is what cmd's main packages do.
func program(main func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int) func() {
	return func() {
		ctx, stop := interrupt.Context(context.Background())
		code := main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
}

// localGoogle is a running `authpipe local up`.
type localGoogle struct {
	*localup.Google

	// env is what it prints for other clients, as NAME=VALUE.
	env []string
}

// localUp starts `authpipe local up`; it ends with the test.
func localUp(t *testing.T, args ...string) *localGoogle {
	t.Helper()
	google := localup.Start(t, args...)
	return &localGoogle{google, google.Env}
}

func (g *localGoogle) value(t *testing.T, name string) string {
	t.Helper()
	return g.Value(t, name)
}
