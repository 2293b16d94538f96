package authpipe

import (
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/localgcp"
)

func newLocalConfig(f *factory) *cobra.Command {
	return &cobra.Command{
		Use:     "config",
		Short:   "Print the default configuration of the local Google",
		Example: "  authpipe local config > google.yaml\n  authpipe submit cloudrun --local --local-config google.yaml",
		Args:    exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			return writeOutput(f.stdout, "", localgcp.DefaultYAML())
		},
	}
}
