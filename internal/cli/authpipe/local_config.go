package authpipe

import (
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/localgcp"
)

func newLocalConfig(f *factory) *cobra.Command {
	var output format
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Print the default configuration of the local Google",
		Example: "  authpipe local config > google.yaml\n  authpipe submit cloudrun --local --local-config google.yaml",
		Args:    exactArgs(),
		RunE:    func(*cobra.Command, []string) error { return printConfig(f, output) },
	}
	output.register(cmd.Flags())
	return cmd
}

func printConfig(f *factory, output format) error {
	if output != jsonFormat {
		return writeOutput(f.stdout, "", localgcp.DefaultYAML())
	}
	var config map[string]any
	if err := yaml.Unmarshal(localgcp.DefaultYAML(), &config); err != nil {
		return err
	}
	return printJSON(f.stdout, config)
}
