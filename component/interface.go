package component

import (
	"reflect"
	"regexp"

	"github.com/authcall/authcall/internal/version"
)

// Repository is where the component's image is published, without a tag.
const Repository = "ghcr.io/authcall/authcall"

// Parameter is one input or output of the component, typed as KFP names types.
type Parameter struct {
	// Name is the snake_case name.
	Name string
	// Type is String, Integer, Boolean, JsonObject, JsonArray, Artifact or, for
	// what only an exit task gets, PipelineTaskFinalStatus.
	Type string
	// Description is one sentence for people.
	Description string
	// Default is the default as text; it has a meaning only where Optional is set.
	Default string
	// Optional says that the input may be left out.
	Optional bool
}

// Inputs lists the component's inputs in the order of Config's fields.
func Inputs() []Parameter {
	fields := reflect.VisibleFields(reflect.TypeFor[Config]())
	inputs := make([]Parameter, 0, len(fields))
	for _, f := range fields {
		standard, optional := f.Tag.Lookup("default")
		inputs = append(inputs, Parameter{
			Name:        snakeCase(f.Name),
			Type:        kfpType(f.Type),
			Description: f.Tag.Get("desc"),
			Default:     standard,
			Optional:    optional,
		})
	}
	return inputs
}

// Outputs lists what the component writes on every path that ends with exit
// code 0.
func Outputs() []Parameter {
	return []Parameter{
		{Name: OutputStatusCode, Type: "Integer", Description: "HTTP status of the answer."},
		{Name: OutputResponseText, Type: "String", Description: "Start of the body as text, at most 8192 bytes."},
		{Name: OutputResult, Type: "String", Description: "Value of the result expression: text as it is, anything else as JSON."},
		{Name: OutputResponse, Type: "Artifact", Description: "Body of the answer as received; its metadata tells status, headers, sha256 and who called as whom."},
	}
}

// Names of the outputs.
const (
	OutputStatusCode   = "status_code"
	OutputResponseText = "response_text"
	OutputResult       = "result"
	OutputResponse     = "response"
)

// Command is what the image runs as the step; the executor input follows it.
func Command() []string { return []string{"/authcall", "component"} }

// Args are the arguments after Command: the one placeholder that every KFP
// runtime replaces.
func Args() []string { return []string{"--executor_input", "{{$}}"} }

// DefaultImage is the image of this release; a build that is none, as one from
// a work tree, names the latest.
func DefaultImage() string { return Repository + ":" + imageTag(version.Get().String()) }

// imageTag is the tag of a release's image: v1.2.3 is 1.2.3.
func imageTag(build string) string {
	const release = `^v(\d+\.\d+\.\d+)$`
	if m := regexp.MustCompile(release).FindStringSubmatch(build); m != nil {
		return m[1]
	}
	return "latest"
}

func kfpType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[StringMap]():
		return "JsonObject"
	case t == reflect.TypeFor[StringList]():
		return "JsonArray"
	case t == reflect.TypeFor[FinalStatus]():
		return TypeFinalStatus
	case t.Kind() == reflect.Int:
		return "Integer"
	case t.Kind() == reflect.Bool:
		return "Boolean"
	default:
		return "String"
	}
}
