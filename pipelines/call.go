package pipelines

import (
	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/pipelinespec"
)

// Call is the component that makes an authenticated HTTP call, with the inputs
// and outputs that package component documents, less the one that only an exit
// task can have. Its Image may be changed.
func Call() *Container {
	return &Container{
		Image:   component.DefaultImage(),
		Command: component.Command(),
		Args:    component.Args(),
		Inputs:  fromComponent(component.Inputs()),
		Outputs: fromComponent(component.Outputs()),
	}
}

func fromComponent(in []component.Parameter) []Parameter {
	out := make([]Parameter, 0, len(in))
	for _, p := range in {
		if p.Type == component.TypeFinalStatus {
			continue
		}
		q := Parameter{Name: p.Name, Type: typeOf(p.Type), Description: p.Description, Optional: p.Optional}
		if p.Optional {
			q.Default = defaultOf(q.Type, p.Default)
		}
		out = append(out, q)
	}
	return out
}

// typeOf reads the names that component.yaml uses for types.
func typeOf(name string) Type {
	switch name {
	case "Integer":
		return Integer
	case "Boolean":
		return Boolean
	case "JsonObject":
		return Struct
	case "JsonArray":
		return List
	case "Artifact":
		return Artifact
	default:
		return String
	}
}

// defaultOf reads a default that is written as text. Text of another type stays
// text, which Compile tells.
func defaultOf(t Type, text string) any {
	value, err := pipelinespec.ParameterType(t).Parse(text)
	if err != nil {
		return text
	}
	return value
}

// outputsOf makes all outputs of a task outputs of the pipeline.
func outputsOf(p *Pipeline, t *Task) {
	_, outputs := t.component.ports()
	for _, o := range outputs {
		p.Output(o.Name, t.Output(o.Name))
	}
}

// parametersFor declares a parameter of the pipeline for each input of a
// component, changed by change, and returns the inputs of a task that takes
// them.
func parametersFor(p *Pipeline, c Component, change map[string]func(*Parameter)) Inputs {
	inputs := Inputs{}
	declared, _ := c.ports()
	for _, d := range declared {
		if f := change[d.Name]; f != nil {
			f(&d)
		}
		inputs[d.Name] = p.Parameter(d)
	}
	return inputs
}
