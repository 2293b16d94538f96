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
	// Type is String, Integer, Float, Boolean, JsonObject, JsonArray, Artifact or,
	// for what only an exit task gets, PipelineTaskFinalStatus.
	Type string
	// Description is one sentence for people.
	Description string
	// Default is the default as text; it has a meaning only where Optional is set.
	Default string
	// Optional says that the input may be left out.
	Optional bool
}

// Inputs lists the component's inputs in the order of Config's fields.
func Inputs() []Parameter { return parametersOf(reflect.TypeFor[Config]()) }

// parametersOf describes a struct's fields. Their tags are those of Config: desc
// is the description; default makes a field optional.
func parametersOf(structure reflect.Type) []Parameter {
	fields := reflect.VisibleFields(structure)
	parameters := make([]Parameter, 0, len(fields))
	for _, f := range fields {
		standard, optional := f.Tag.Lookup("default")
		parameters = append(parameters, Parameter{
			Name:        snakeCase(f.Name),
			Type:        kfpType(f.Type),
			Description: f.Tag.Get("desc"),
			Default:     standard,
			Optional:    optional,
		})
	}
	return parameters
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

// kfpType is the KFP type of a Go type, "" where there is none.
func kfpType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[FinalStatus]():
		return TypeFinalStatus
	case t == reflect.TypeFor[InputArtifact](), t == reflect.TypeFor[OutputArtifact]():
		return "Artifact"
	}
	switch t.Kind() {
	case reflect.String:
		return "String"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "Integer"
	case reflect.Float32, reflect.Float64:
		return "Float"
	case reflect.Bool:
		return "Boolean"
	case reflect.Map, reflect.Struct:
		return "JsonObject"
	case reflect.Slice, reflect.Array:
		return "JsonArray"
	default:
		return ""
	}
}
