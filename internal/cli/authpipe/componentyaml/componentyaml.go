package componentyaml

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/component"
)

const (
	name        = "Call private service"
	description = "Calls a private Cloud Run service, function or app behind IAP over HTTP, with a credential that is made on the spot. " +
		"Switch caching off on the task, for a cached call is not made: task.set_caching_options(False)."
)

// Generate writes the component with an image, in the form of KFP version 1:
// the one that every SDK since then loads.
func Generate(image string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# Written by `authpipe component`; what it says comes from the step's own options.\n")
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(document(image)); err != nil {
		return nil, fmt.Errorf("writing component.yaml: %w", err)
	}
	return b.Bytes(), nil
}

// quoted is a string that YAML readers of every version take for one: plain, an
// input named "on" or a default of 300 would turn into something else.
type quoted string

func (q quoted) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: string(q)}, nil
}

type file struct {
	Name           quoted         `yaml:"name"`
	Description    quoted         `yaml:"description"`
	Inputs         []input        `yaml:"inputs"`
	Outputs        []output       `yaml:"outputs"`
	Implementation implementation `yaml:"implementation"`
}

type input struct {
	Name        quoted  `yaml:"name"`
	Type        quoted  `yaml:"type"`
	Default     *quoted `yaml:"default,omitempty"`
	Description quoted  `yaml:"description"`
}

type output struct {
	Name        quoted `yaml:"name"`
	Type        quoted `yaml:"type"`
	Description quoted `yaml:"description"`
}

type implementation struct {
	Container container `yaml:"container"`
}

type container struct {
	Image   quoted   `yaml:"image"`
	Command []quoted `yaml:"command"`
	Args    []any    `yaml:"args"`
}

// executorInput is the placeholder that the SDK compiles to {{$}}.
type executorInput struct {
	Null *struct{} `yaml:"executorInput"`
}

func document(image string) file {
	f := file{Name: name, Description: description}
	f.Implementation.Container = container{Image: quoted(image), Args: []any{quoted("--executor_input"), executorInput{}}}
	for _, word := range component.Command() {
		f.Implementation.Container.Command = append(f.Implementation.Container.Command, quoted(word))
	}
	for _, p := range component.Inputs() {
		in := input{Name: quoted(p.Name), Type: quoted(p.Type), Description: quoted(p.Description)}
		if p.Optional {
			value := quoted(p.Default)
			in.Default = &value
		}
		f.Inputs = append(f.Inputs, in)
	}
	for _, p := range component.Outputs() {
		f.Outputs = append(f.Outputs, output{Name: quoted(p.Name), Type: quoted(p.Type), Description: quoted(p.Description)})
	}
	return f
}
