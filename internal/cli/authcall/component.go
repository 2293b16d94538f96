package authcall

import (
	"context"

	"github.com/authcall/authcall/component"
)

const componentHelp = `Usage: authcall component --executor_input JSON [flags]

Runs as a Kubeflow Pipelines step. The runtime puts the executor input in place of
{{$}}; options come, in rising order, from defaults, AUTHCALL_* in the environment,
the executor input and flags.

In a component: command ["/authcall", "component"], args ["--executor_input", "{{$}}"].`

// runComponent is the program as a pipeline step.
func runComponent(ctx context.Context, args []string, s streams) error {
	flags := newFlags("component", componentHelp, s)
	var set settings
	set.register(flags)
	input := flags.String("executor_input", "", "Executor input as JSON.")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("component takes flags only, got %q", rest[0])
	}
	if *input == "" {
		return usageError("--executor_input is missing, want the executor input as JSON")
	}
	config, policy, log, err := load(s)
	if err != nil {
		return err
	}
	step := &component.Step{Config: config, Override: set.apply, Policy: policy, Log: log}
	return step.Run(ctx, *input)
}
