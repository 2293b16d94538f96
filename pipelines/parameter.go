package pipelines

import (
	"errors"
	"fmt"
	"strings"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// Type is the type of what passes between tasks: a value, or an artifact, which
// passes by reference.
type Type string

// Types of values.
const (
	String  Type = "STRING"
	Integer Type = "NUMBER_INTEGER"
	Double  Type = "NUMBER_DOUBLE"
	Boolean Type = "BOOLEAN"
	List    Type = "LIST"
	Struct  Type = "STRUCT"
)

// Types of artifacts. Artifact takes any of them.
const (
	Artifact Type = "system.Artifact"
	Dataset  Type = "system.Dataset"
	Model    Type = "system.Model"
	Metrics  Type = "system.Metrics"
	HTML     Type = "system.HTML"
	Markdown Type = "system.Markdown"
)

// artifactVersion is the version of all system types.
const artifactVersion = "0.0.1"

// Parameter declares an input or output of a component, or a parameter of a
// pipeline.
type Parameter struct {
	// Name is lower-case letters, digits and underscores.
	Name string
	// Type may be left out where Default tells it, or for a String.
	Type Type
	// Description is one sentence for people.
	Description string
	// Default is used where no value is given; nil means that there is none.
	Default any
	// Optional says that a value may be left out although there is no default.
	Optional bool
}

func (t Type) isArtifact() bool { return strings.Contains(string(t), ".") }

func (t Type) isScalar() bool {
	switch t {
	case String, Integer, Double, Boolean:
		return true
	default:
		return false
	}
}

// check says whether a JSON value is of the type.
func (t Type) check(value any) error { return pipelinespec.ParameterType(t).Check(value) }

// kind is the type, or what it is where none is given.
func (p Parameter) kind() Type {
	if p.Type != "" {
		return p.Type
	}
	value, _ := constant(p.Default)
	switch value.(type) {
	case bool:
		return Boolean
	case float64:
		if Integer.check(value) == nil {
			return Integer
		}
		return Double
	case []any:
		return List
	case map[string]any:
		return Struct
	default:
		return String
	}
}

// normalize fills the type in and turns the default into a JSON value.
func (p Parameter) normalize() (Parameter, error) {
	value, err := constant(p.Default)
	if err != nil {
		return p, fmt.Errorf("default: %w", err)
	}
	p.Type, p.Default = p.kind(), value
	if p.Default == nil {
		return p, nil
	}
	p.Optional = true
	if p.Type.isArtifact() {
		return p, errors.New("default: an artifact has none")
	}
	if err := p.Type.check(p.Default); err != nil {
		return p, fmt.Errorf("default: %w", err)
	}
	return p, nil
}
