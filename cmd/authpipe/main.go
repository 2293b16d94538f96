// Command authpipe compiles, submits and watches pipelines whose steps call
// private Google services, and embeds a local Google to try them on. Under the
// name authcall it is the step itself, so that local runs need no other program.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/cli/authpipe"
	"github.com/authcall/authcall/internal/interrupt"
	_ "github.com/authcall/authcall/internal/quickstart" // before anything else
	"github.com/authcall/authcall/internal/roots"
)

func main() {
	if err := roots.Install(); err != nil {
		fmt.Fprintln(os.Stderr, "authpipe:", err)
	}
	ctx, stop := interrupt.Context(context.Background())
	run := authpipe.Main
	if filepath.Base(os.Args[0]) == "authcall" {
		run = authcall.Main
	}
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
