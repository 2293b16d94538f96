package componentyaml

import (
	"bytes"
	"fmt"

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
	return encode(document(image, callName, callDescription, func(p component.Parameter) bool {
		return p.Type != component.TypeFinalStatus
	}))
}

// Notifier writes the component with the input that only an exit task may have.
// They are two, for the SDK refuses a component with that input anywhere else.
func Notifier(image string) ([]byte, error) {
	return encode(document(image, notifierName, notifierDescription, func(component.Parameter) bool { return true }))
}

func encode(f file) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# Written by `authpipe component`; what it says comes from the step's own options.\n")
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(f); err != nil {
		return nil, fmt.Errorf("writing %s: %w", f.Name, err)
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
	Optional    bool    `yaml:"optional,omitempty"`
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

func document(image, name, description string, takes func(component.Parameter) bool) file {
	f := file{Name: quoted(name), Description: quoted(description)}
	f.Implementation.Container = container{Image: quoted(image), Args: []any{quoted("--executor_input"), executorInput{}}}
	for _, word := range component.Command() {
		f.Implementation.Container.Command = append(f.Implementation.Container.Command, quoted(word))
	}
	for _, p := range component.Inputs() {
		if takes(p) {
			f.Inputs = append(f.Inputs, inputOf(p))
		}
	}
	for _, p := range component.Outputs() {
		f.Outputs = append(f.Outputs, output{Name: quoted(p.Name), Type: quoted(p.Type), Description: quoted(p.Description)})
	}
	return f
}

func inputOf(p component.Parameter) input {
	in := input{Name: quoted(p.Name), Type: quoted(p.Type), Description: quoted(p.Description)}
	switch {
	case p.Type == component.TypeFinalStatus:
		in.Optional = true // it has no default that the SDK could read
	case p.Optional:
		value := quoted(p.Default)
		in.Default = &value
	}
	return in
}
