package pipelines

import (
	"fmt"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// inputs says where each input of a single task comes from.
func (c *compiler) inputs(s *step, component *pipelinespec.Component) {
	declared, _ := s.task.component.ports()
	for _, name := range sortedKeys(s.task.inputs) {
		given := s.task.inputs[name]
		if err := c.input(s, component, name, given); err != nil {
			c.fail(s, "input %q: %w", name, err)
		}
	}
	for _, input := range declared {
		_, given := s.task.inputs[input.Name]
		if !given && !input.Optional && input.Default == nil {
			c.fail(s, "input %q: got nothing, want %s", input.Name, input.kind())
		}
	}
}

func (c *compiler) input(s *step, component *pipelinespec.Component, name string, given any) error {
	typ, ok := inputType(component, name)
	if !ok {
		inputs, _ := s.task.component.ports()
		return fmt.Errorf("its component has no such input: it has %s", list(inputs))
	}
	v, isValue := given.(Value)
	switch {
	case isValue && v.invalid:
		return nil // told where it was made
	case !isValue:
		return c.constant(s, name, typ, given)
	case v.usableIn(c.pipeline) != nil:
		return v.usableIn(c.pipeline)
	case !v.typ.fits(typ):
		return fmt.Errorf("%s is %s, want %s", v, v.typ, typ)
	case typ.isArtifact():
		source, err := c.artifact(s, v)
		addArtifact(c.tasks[s], name, source)
		return err
	default:
		source, err := c.parameter(s, v)
		addParameter(c.tasks[s], name, source)
		return err
	}
}

func (c *compiler) constant(s *step, name string, typ Type, given any) error {
	if typ.isArtifact() {
		return fmt.Errorf("got a constant, want an artifact of type %s from another task", typ)
	}
	value, err := constant(given)
	if err != nil {
		return err
	}
	if err := typ.check(value); err != nil {
		return err
	}
	addParameter(c.tasks[s], name, &pipelinespec.ParameterSource{RuntimeValue: &pipelinespec.Value{Constant: value}})
	return nil
}

// parameter refers to a value from a step; it passes through every scope
// between the two.
func (c *compiler) parameter(s *step, v Value) (*pipelinespec.ParameterSource, error) {
	inside, err := c.enterFor(s, v)
	switch {
	case err != nil:
		return nil, err
	case inside:
		return &pipelinespec.ParameterSource{ComponentInputParameter: c.nameIn(s.scope, v)}, nil
	default:
		return &pipelinespec.ParameterSource{TaskOutputParameter: &pipelinespec.TaskOutputParameter{
			ProducerTask: v.step.name, OutputParameterKey: v.output,
		}}, nil
	}
}

// artifact is parameter for what passes by reference.
func (c *compiler) artifact(s *step, v Value) (*pipelinespec.ArtifactSource, error) {
	inside, err := c.enterFor(s, v)
	switch {
	case err != nil:
		return nil, err
	case inside:
		return &pipelinespec.ArtifactSource{ComponentInputArtifact: c.nameIn(s.scope, v)}, nil
	default:
		return &pipelinespec.ArtifactSource{TaskOutputArtifact: &pipelinespec.TaskOutputArtifact{
			ProducerTask: v.step.name, OutputArtifactKey: v.output,
		}}, nil
	}
}

// enterFor makes a value visible to a step. It is an input of the component
// around the step (inside), or an output of a step beside it.
func (c *compiler) enterFor(s *step, v Value) (inside bool, err error) {
	if v.step != nil && v.step.scope == s.scope {
		c.depend(s, v.step)
		return false, nil
	}
	return true, c.enter(s.scope, v)
}

// enter makes a value an input of a scope, and of each scope on the way there.
func (c *compiler) enter(s *Scope, v Value) error {
	if s.owner == nil {
		if v.step == nil {
			return nil // a parameter of the pipeline is in its scope already
		}
		return fmt.Errorf("%s %w", v, errElsewhere)
	}
	addInput(c.components[s], v.channel(), Parameter{Type: v.typ})
	task := c.tasks[s.owner]
	if v.typ.isArtifact() {
		source, err := c.artifact(s.owner, v)
		addArtifact(task, v.channel(), source)
		return err
	}
	source, err := c.parameter(s.owner, v)
	addParameter(task, v.channel(), source)
	return err
}

// nameIn is the name of a value among the inputs of a scope's component.
func (c *compiler) nameIn(s *Scope, v Value) string {
	if s.owner == nil {
		return v.parameter
	}
	return v.channel()
}

// export makes outputs of a scope's steps an output of its component.
func (c *compiler) export(s *Scope, output export) error {
	dag := c.components[s].Dag
	if dag.Outputs == nil {
		dag.Outputs = new(pipelinespec.DagOutputs)
	}
	var from []origin
	for _, v := range output.from {
		o, err := c.origin(s, v)
		if err != nil {
			return err
		}
		from = append(from, o)
	}
	typ := output.from[0].typ
	addOutput(c.components[s], output.name, Parameter{Name: output.name, Type: typ})
	addDagOutput(dag.Outputs, output.name, typ, from)
	return nil
}

// origin is an output of a step of the scope at hand.
type origin struct{ task, key string }

// origin finds a value among the outputs of a scope's steps. A branch that
// contains its step exports it.
func (c *compiler) origin(s *Scope, v Value) (origin, error) {
	if v.step.scope == s {
		return origin{v.step.name, v.output}, nil
	}
	arm := s.within(v.step)
	if s.owner == nil || arm == nil {
		return origin{}, fmt.Errorf("%s %w", v, errElsewhere)
	}
	err := c.export(arm.body, export{name: v.channel(), from: []Value{v}})
	return origin{arm.name, v.channel()}, err
}
