package authpipe

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/version"
)

func newVersion(f *factory) *cobra.Command {
	var output format
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the commit and the Go release",
		Example: "  authpipe version -o json",
		Args:    exactArgs(),
		RunE:    func(*cobra.Command, []string) error { return printVersion(f, output) },
	}
	output.register(cmd.Flags())
	return cmd
}

func printVersion(f *factory, output format) error {
	info := version.Get()
	if output == jsonFormat {
		return printJSON(f.stdout, map[string]any{
			"version": info.Version, "commit": info.Commit, "modified": info.Modified, "go": runtime.Version(),
		})
	}
	_, err := fmt.Fprintln(f.stdout, info.Line("authpipe"))
	return err
}
