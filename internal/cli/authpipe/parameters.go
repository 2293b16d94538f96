package authpipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/yamlfault"
)

// parameterFlags are the values of a pipeline's parameters as they are given.
type parameterFlags struct {
	// pairs are NAME=VALUE; a later one of a name wins.
	pairs []string
	// file is a JSON or YAML object; pairs win over it.
	file string
}

// texts gathers what was given, each value as text.
func (p parameterFlags) texts(spec *pipelinespec.Spec) (map[string]string, error) {
	texts := map[string]string{}
	if p.file != "" {
		var err error
		if texts, err = readParameters(p.file, spec); err != nil {
			return nil, err
		}
	}
	for _, pair := range p.pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, usageErrorf("-p %s: want NAME=VALUE", pair)
		}
		texts[name] = value
	}
	return texts, nil
}

// readParameters reads a file of values. Each has to be of the declared type
// already, for a file can tell types apart; names are checked later.
func readParameters(file string, spec *pipelinespec.Spec) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usageErrorf("reading parameters: %w", err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(data, &values); err != nil { // JSON is YAML
		return nil, usageErrorf("reading parameters from %s: want an object of values: %w", file, yamlfault.Plain(err))
	}
	texts := make(map[string]string, len(values))
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, err := asText(values[name], spec.Root.InputParameters()[name])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: parameter %q: %w", file, name, err))
		}
		texts[name] = text
	}
	if len(errs) > 0 {
		return nil, &usageError{errors.Join(errs...)}
	}
	return texts, nil
}

// asText writes a value as -p takes it.
func asText(value any, declared *pipelinespec.InputParameter) (string, error) {
	if declared != nil {
		if err := declared.ParameterType.Check(value); err != nil {
			return "", err
		}
	}
	if text, ok := value.(string); ok {
		return text, nil
	}
	data, err := json.Marshal(value)
	return string(data), err
}

// addExample fills in the parameters that nobody gave with those that call an
// example service. The example's audience goes with its URL: where another URL
// is given, an audience that can be derived is.
func addExample(texts, example map[string]string, spec *pipelinespec.Spec) {
	declared := spec.Root.InputParameters()
	_, otherURL := texts["url"]
	for name, value := range example {
		parameter := declared[name]
		_, given := texts[name]
		if given || parameter == nil || otherURL && name == "audience" && !parameter.Required() {
			continue
		}
		texts[name] = value
	}
}
