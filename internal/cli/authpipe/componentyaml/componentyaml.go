package componentyaml

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/component"
)

const (
	callName        = "Call private service"
	callDescription = "Calls a private Cloud Run service, function or app behind IAP over HTTP, with a credential that is made on the spot. " +
		"Switch caching off on the task, for a cached call is not made: task.set_caching_options(False)."
	notifierName        = "Notify private service"
	notifierDescription = "Tells a private service how a pipeline ended: the exit task of a dsl.ExitHandler. " +
		"It makes the call of component.yaml, with the pipeline's final status as the body where no other is given."
)

// Component writes the component with an image, in the form of KFP version 1:
// the one that every SDK since then loads.
func Component(image string) ([]byte, error) {
	inputs := slices.DeleteFunc(component.Inputs(), func(p component.Parameter) bool { return p.Type == component.TypeFinalStatus })
	return encode(component.Definition{Name: callName, Description: callDescription, Inputs: inputs, Image: image})
}

// Notifier writes the component with the input that only an exit task may have.
// They are two, for the SDK refuses a component with that input anywhere else.
func Notifier(image string) ([]byte, error) {
	return encode(component.Definition{Name: notifierName, Description: notifierDescription, Inputs: component.Inputs(), Image: image})
}

func encode(d component.Definition) ([]byte, error) {
	d.Outputs, d.Command = component.Outputs(), component.Command()
	data, err := d.JSON()
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("writing %s: %w", d.Name, err)
	}
	inBlocks(&document)
	var b bytes.Buffer
	b.WriteString("# Written by `authpipe component`; what it says comes from the step's own options.\n")
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, fmt.Errorf("writing %s: %w", d.Name, err)
	}
	return b.Bytes(), nil
}

// inBlocks turns JSON into the YAML that people write: blocks by indentation, and
// quotes around values alone. They stay there, for plain, an input named "on" or a
// default of 300 would turn into something else.
func inBlocks(n *yaml.Node) {
	n.Style &^= yaml.FlowStyle
	for i, child := range n.Content {
		inBlocks(child)
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; isKey {
			child.Style = 0
		}
	}
}
