package authpipe

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/cli/authpipe/componentyaml"
)

type componentOptions struct {
	// image is the image that the component runs.
	image string
	// output is the file that is written; empty means standard output.
	output string
}

func newComponent(f *factory, run func(context.Context, componentOptions) error) *cobra.Command {
	if run == nil {
		run = func(_ context.Context, o componentOptions) error { return writeComponent(f, o) }
	}
	var o componentOptions
	cmd := &cobra.Command{
		Use:     "component",
		Short:   "Write component.yaml for pipelines in Python",
		Long:    "Writes the step as a component that kfp.components.load_component_from_file loads.",
		Example: "  authpipe component --image registry.example.com/team/authcall:v1 -o component.yaml",
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.image, "image", component.DefaultImage(), "`IMAGE` that the component runs")
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "`FILE` to write instead of standard output")
	return cmd
}

func writeComponent(f *factory, o componentOptions) error {
	if o.image == "" {
		return usageErrorf("--image is empty")
	}
	data, err := componentyaml.Generate(o.image)
	if err != nil {
		return err
	}
	return writeOutput(f.stdout, o.output, data)
}
