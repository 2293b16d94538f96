package pipelines

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// Component is what a task runs. A Container is one.
type Component interface {
	// ports are the inputs and outputs by which values pass.
	ports() (inputs, outputs []Parameter)
	// executor says how a task of the component is executed.
	executor(Resources) (*pipelinespec.Executor, error)
}

// Container is a component that runs a container image. Pass it by pointer.
type Container struct {
	// Image is the image's reference.
	Image string
	// Command replaces the image's entrypoint; give it, for runtimes differ in
	// what they do without.
	Command []string
	// Args follow the command. The argument {{$}} becomes the executor input,
	// as JSON; it is the one placeholder that all runtimes agree on.
	Args []string
	// Env is added to the environment as it is.
	Env map[string]string
	// Inputs and Outputs are parameters and artifacts.
	Inputs, Outputs []Parameter
}

func (c *Container) ports() (inputs, outputs []Parameter) { return c.Inputs, c.Outputs }

func (c *Container) executor(r Resources) (*pipelinespec.Executor, error) {
	resources, err := r.spec()
	container := &pipelinespec.Container{
		Image:     c.Image,
		Command:   slices.Clone(c.Command),
		Args:      slices.Clone(c.Args),
		Resources: resources,
	}
	for _, name := range sortedKeys(c.Env) {
		container.Env = append(container.Env, pipelinespec.EnvVar{Name: name, Value: c.Env[name]})
	}
	return &pipelinespec.Executor{Container: container}, err
}

// interfaceOf declares a component's inputs and outputs in the spec.
func interfaceOf(c Component) (*pipelinespec.Component, error) {
	inputs, outputs := c.ports()
	spec := new(pipelinespec.Component)
	seen := map[string]bool{}
	for _, input := range inputs {
		input, err := input.normalize()
		if seen[input.Name] {
			err = errTwice
		}
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", input.Name, err)
		}
		seen[input.Name] = true
		addInput(spec, input.Name, input)
	}
	clear(seen)
	for _, output := range outputs {
		if seen[output.Name] {
			return nil, fmt.Errorf("output %q: %w", output.Name, errTwice)
		}
		seen[output.Name] = true
		addOutput(spec, output.Name, output)
	}
	return spec, nil
}

// list names parameters for a message.
func list(parameters []Parameter) string {
	names := make([]string, 0, len(parameters))
	for _, p := range parameters {
		names = append(names, p.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
