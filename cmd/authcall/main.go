// Command authcall calls a private service with a Google credential, as a
// pipeline step or by hand.
package main

import (
	"context"
	"os"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/interrupt"
)

func main() {
	ctx, stop := interrupt.Context(context.Background())
	code := authcall.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
