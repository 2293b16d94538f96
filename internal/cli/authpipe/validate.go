package authpipe

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

type validateOptions struct {
	// source is what is checked.
	source source
}

func newValidate(f *factory, run func(context.Context, validateOptions) error) *cobra.Command {
	if run == nil {
		run = func(_ context.Context, o validateOptions) error { return validate(f, o) }
	}
	return &cobra.Command{
		Use:   "validate FILE",
		Short: "Check a pipeline spec",
		Long: "Checks a pipeline spec in YAML or JSON: its fields, its types and what its tasks\n" +
			"refer to. All that is wrong is told at once.",
		Example: "  authpipe validate pipeline.yaml\n  authpipe compile iap | authpipe validate -",
		Args:    exactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return run(cmd.Context(), validateOptions{source: source{name: args[0]}})
		},
	}
}

func validate(f *factory, o validateOptions) error {
	spec, err := o.source.load(f.stdin)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f.stderr, "%s: pipeline %s is valid\n", o.source.name, spec.PipelineInfo.Name)
	return err
}
