package authpipe

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/version"
)

func newVersion(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go release",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			info := version.Get()
			_, err := fmt.Fprintf(f.stdout, "authpipe %s %s %s\n", info.Version, info.Commit, runtime.Version())
			return err
		},
	}
}
