package authpipe

import (
	"context"

	"github.com/spf13/cobra"
)

type compileOptions struct {
	// source is what is compiled.
	source source
	// output is the file that is written; empty means standard output.
	output string
}

func newCompile(f *factory, run func(context.Context, compileOptions) error) *cobra.Command {
	if run == nil {
		run = func(_ context.Context, o compileOptions) error { return compile(f, o) }
	}
	var o compileOptions
	cmd := &cobra.Command{
		Use:   "compile PIPELINE|FILE",
		Short: "Write a pipeline as a pipeline spec in YAML",
		Long: "Writes a built-in pipeline (" + names() + ") or a spec in YAML or JSON as a pipeline spec that\n" +
			"Vertex AI Pipelines and Kubeflow Pipelines take, always in the same form.",
		Example: "  authpipe compile cloudrun\n  authpipe compile cloudrun --image registry.example.com/team/authcall:v1 -o pipeline.yaml",
		Args:    exactArgs("PIPELINE|FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.source.name = args[0]
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "`FILE` to write instead of standard output")
	addImageFlag(cmd, &o.source)
	return cmd
}

func addImageFlag(cmd *cobra.Command, s *source) {
	cmd.Flags().StringVar(&s.image, "image", "", "`IMAGE` to run the call of a built-in pipeline in (default: the one of this build)")
}

func compile(f *factory, o compileOptions) error {
	spec, err := o.source.load(f.stdin)
	if err != nil {
		return err
	}
	data, err := spec.YAML()
	if err != nil {
		return err
	}
	return writeOutput(f.stdout, o.output, data)
}
