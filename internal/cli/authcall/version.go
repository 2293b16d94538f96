package authcall

import (
	"context"
	"fmt"

	"github.com/authcall/authcall/internal/version"
)

// runVersion prints the version, the commit and the Go release.
func runVersion(_ context.Context, args []string, s streams) error {
	flags := newFlags("version", "Usage: authcall version", s)
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("version takes no arguments, got %q", rest[0])
	}
	_, err = fmt.Fprintln(s.out, version.Get().Line("authcall"))
	return err
}
