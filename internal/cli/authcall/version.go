package authcall

import (
	"context"
	"fmt"
	"runtime"

	"github.com/authcall/authcall/internal/version"
)

// runVersion prints the version, the commit and the Go release.
func runVersion(_ context.Context, args []string, s streams) error {
	flags := newFlags("version", "Usage: authcall version", s)
	if _, err := parse(flags, args); err != nil {
		return err
	}
	info := version.Get()
	_, err := fmt.Fprintf(s.out, "authcall %s %s %s\n", info.Version, info.Commit, runtime.Version())
	return err
}
