package pipelinespec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/yamlfault"
)

// Parse reads a pipeline spec in YAML or JSON. It is strict: a field that the
// schema does not know, or a value of the wrong type, is an error that names
// its place. A file may hold a platform spec as its second document, which
// lands in Spec.PlatformSpec. A PipelineJob in JSON is read for its
// pipelineSpec; its runtimeConfig supplies the defaults.
//
// Parse does not check references; that is Validate.
func Parse(data []byte) (*Spec, error) {
	documents, err := readDocuments(data)
	if err != nil {
		return nil, err
	}
	var platform map[string]any
	switch {
	case len(documents) == 0:
		return nil, errors.New("pipeline spec is empty")
	case len(documents) > 2:
		return nil, fmt.Errorf("got %d documents, want a pipeline spec and at most one platform spec", len(documents))
	case len(documents) == 2:
		if platform, err = asPlatformSpec(documents[1]); err != nil {
			return nil, err
		}
	}
	spec, err := parseDocument(documents[0])
	if err != nil {
		return nil, err
	}
	spec.PlatformSpec = platform
	return spec, nil
}

func parseDocument(document any) (*Spec, error) {
	object, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("got %s, want a pipeline spec, which is an object", kindOf(document))
	}
	if _, ok := object["implementation"]; ok {
		return nil, errors.New("got a component, want a pipeline spec: field implementation belongs to a component.yaml")
	}
	if _, ok := object["pipelineSpec"]; ok {
		return parseJob(object)
	}
	var spec Spec
	var d decoder
	d.value("", object, reflect.ValueOf(&spec).Elem())
	if err := d.err(); err != nil {
		return nil, err
	}
	return &spec, nil
}

// asPlatformSpec checks that the second document is what it may be.
func asPlatformSpec(document any) (map[string]any, error) {
	object, ok := document.(map[string]any)
	if _, has := object["platforms"]; !ok || !has {
		return nil, errors.New("second document is no platform spec: it has no field platforms")
	}
	return object, nil
}

// readDocuments decodes JSON as JSON, for YAML knows not all of its escapes,
// and anything else as a stream of YAML documents.
func readDocuments(data []byte) ([]any, error) {
	var object map[string]any
	if json.Unmarshal(data, &object) == nil && object != nil {
		return []any{object}, nil
	}
	var documents []any
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, fmt.Errorf("pipeline spec is neither JSON nor YAML: %w", yamlfault.Plain(err))
		}
		if document == nil {
			continue
		}
		value, err := jsonValue("", document)
		if err != nil {
			return nil, err
		}
		documents = append(documents, value)
	}
}
