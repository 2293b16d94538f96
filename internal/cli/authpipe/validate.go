package authpipe

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

type validateOptions struct {
	// source is what is checked.
	source source
	// output is json or empty.
	output format
}

const validateHelp = `Checks a pipeline spec: its fields, its types and what its tasks refer to. All that is
wrong is told at once. With -o json the document has "valid", the name of the
"pipeline" where it is valid, and the "problems" where it is not.

`

func newValidate(f *factory, run func(context.Context, validateOptions) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, o validateOptions) error { return validate(ctx, f, o) }
	}
	var o validateOptions
	cmd := &cobra.Command{
		Use:     "validate " + sourceArg,
		Short:   "Check a pipeline spec",
		Long:    validateHelp + sourceHelp,
		Example: "  authpipe validate pipeline.yaml\n  authpipe compile iap | authpipe validate -",
		Args:    exactArgs(sourceArg),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.source.name = args[0]
			return run(cmd.Context(), o)
		},
	}
	o.output.register(cmd.Flags())
	return cmd
}

// verdict is what the check found.
type verdict struct {
	Valid    bool     `json:"valid"`
	Pipeline string   `json:"pipeline,omitempty"`
	Problems []string `json:"problems,omitempty"`
}

func validate(ctx context.Context, f *factory, o validateOptions) error {
	spec, err := o.source.load(ctx, f)
	if err != nil {
		return errors.Join(o.print(f, problemsOf(err)), err)
	}
	f.say("%s: pipeline %s is valid", o.source.shown(), spec.PipelineInfo.Name)
	return o.print(f, &verdict{Valid: true, Pipeline: spec.PipelineInfo.Name})
}

func (o validateOptions) print(f *factory, v *verdict) error {
	if o.output != jsonFormat || v == nil {
		return nil
	}
	return printJSON(f.stdout, v)
}

// problemsOf is the verdict on a spec that is wrong, and nil where there was none
// to check.
func problemsOf(err error) *verdict {
	wrong, ok := errors.AsType[*specError](err)
	if !ok {
		return nil
	}
	var all interface{ Unwrap() []error }
	if !errors.As(wrong.err, &all) {
		return &verdict{Problems: []string{wrong.err.Error()}}
	}
	v := &verdict{}
	for _, problem := range all.Unwrap() {
		v.Problems = append(v.Problems, problem.Error())
	}
	return v
}
