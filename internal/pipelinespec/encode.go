package pipelinespec

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// JSON encodes the spec; equal specs give equal bytes.
func (s *Spec) JSON() ([]byte, error) { return s.json("  ") }

func (s *Spec) json(indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(s); err != nil {
		return nil, fmt.Errorf("encode pipeline spec: %w", err)
	}
	return b.Bytes(), nil
}

// YAML encodes the spec as one document; equal specs give equal bytes. Strings
// are double-quoted as in JSON, so that readers of YAML 1.1 (PyYAML among them)
// take no "y", "on" or "2024-01-01" for something else.
func (s *Spec) YAML() ([]byte, error) {
	data, err := s.json("")
	if err != nil {
		return nil, err
	}
	document, err := toNode(json.NewDecoder(bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("encode pipeline spec: %w", err)
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("encode pipeline spec: %w", err)
	}
	return b.Bytes(), nil
}
