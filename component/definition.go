package component

import (
	"encoding/json"
	"fmt"
)

// Definition is a component in the form that every KFP SDK loads: that of
// version 1.
type Definition struct {
	// Name is what people see; the SDK makes the task's name of it.
	Name string
	// Description is a sentence or two for people.
	Description string
	// Inputs and Outputs are parameters and artifacts.
	Inputs, Outputs []Parameter
	// Image is the reference of the container image.
	Image string
	// Command starts the step in the image; the executor input follows it.
	Command []string
}

// Every value is text in quotes: plain, an input named "on" or a default of 300
// would turn into something else.
type (
	definitionFile struct {
		Name           string           `json:"name"`
		Description    string           `json:"description"`
		Inputs         []definitionPort `json:"inputs,omitempty"`
		Outputs        []definitionPort `json:"outputs,omitempty"`
		Implementation struct {
			Container definitionContainer `json:"container"`
		} `json:"implementation"`
	}
	definitionPort struct {
		Name        string  `json:"name"`
		Type        string  `json:"type"`
		Default     *string `json:"default,omitempty"`
		Optional    bool    `json:"optional,omitempty"`
		Description string  `json:"description,omitempty"`
	}
	definitionContainer struct {
		Image   string   `json:"image"`
		Command []string `json:"command"`
		Args    []any    `json:"args"`
	}
)

// JSON writes the component as a component.yaml, for JSON is YAML as well.
func (d Definition) JSON() ([]byte, error) {
	file := definitionFile{Name: d.Name, Description: d.Description}
	for _, p := range d.Inputs {
		file.Inputs = append(file.Inputs, inputPort(p))
	}
	for _, p := range d.Outputs {
		file.Outputs = append(file.Outputs, definitionPort{Name: p.Name, Type: p.Type, Description: p.Description})
	}
	// The SDK compiles this placeholder to {{$}}.
	executorInput := map[string]any{"executorInput": nil}
	file.Implementation.Container = definitionContainer{Image: d.Image, Command: d.Command, Args: []any{"--executor_input", executorInput}}
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write component %s: %w", d.Name, err)
	}
	return append(data, '\n'), nil
}

func inputPort(p Parameter) definitionPort {
	port := definitionPort{Name: p.Name, Type: p.Type, Description: p.Description}
	switch {
	case p.Type == TypeFinalStatus || p.Type == "Artifact":
		port.Optional = p.Optional // there is no default that the SDK could read
	case p.Optional:
		port.Default = &p.Default
	}
	return port
}
