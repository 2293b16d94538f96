package gates

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/interrupt"
)

// TestMain lets this very binary be authcall, found in the PATH under its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"authcall": func() {
			ctx, stop := interrupt.Context(context.Background())
			code := authcall.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
			stop()
			os.Exit(code)
		},
	})
}
