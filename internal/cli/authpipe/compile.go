package authpipe

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"
)

type compileOptions struct {
	// source is what is compiled.
	source source
	// output is the file that is written, empty for YAML on standard output and
	// json for JSON there.
	output string
}

func newCompile(f *factory, run func(context.Context, compileOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o compileOptions) error { return compile(ctx, f, o) }
	}
	var o compileOptions
	cmd := &cobra.Command{
		Use:   "compile " + sourceArg,
		Short: "Write a pipeline as a pipeline spec",
		Long: "Writes a built-in pipeline (" + names() + ") or a spec as a pipeline spec that Vertex AI\n" +
			"Pipelines and Kubeflow Pipelines take, always in the same form.\n\n" + sourceHelp,
		Example: "  authpipe compile cloudrun\n  authpipe compile cloudrun --image registry.example.com/team/authcall:v1 -o pipeline.yaml",
		Args:    exactArgs(sourceArg),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.source.name = args[0]
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "`FILE` to write, as JSON where it ends in .json; json: write JSON to stdout (default: YAML to stdout)")
	o.source.registerImage(cmd.Flags())
	return cmd
}

func compile(ctx context.Context, f *factory, o compileOptions) error {
	spec, err := o.source.load(ctx, f)
	if err != nil {
		return err
	}
	if o.output == string(jsonFormat) {
		data, err := spec.JSON()
		if err != nil {
			return err
		}
		return writeOutput(f.stdout, "", data)
	}
	encode := spec.YAML
	if filepath.Ext(o.output) == ".json" {
		encode = spec.JSON
	}
	data, err := encode()
	if err != nil {
		return err
	}
	return writeOutput(f.stdout, o.output, data)
}
