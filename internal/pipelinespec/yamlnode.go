package pipelinespec

import (
	"encoding/json"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// toNode reads one JSON value as a YAML node, with the keys in their order.
func toNode(in *json.Decoder) (*yaml.Node, error) {
	in.UseNumber()
	token, err := in.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		return container(in, token)
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: token, Style: yaml.DoubleQuotedStyle}, nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: yamlNumber(token.String())}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(token)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "null"}, nil
	}
}

func container(in *json.Decoder, open json.Delim) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if open == '{' {
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	for in.More() {
		child, err := toNode(in)
		if err != nil {
			return nil, err
		}
		if isKey := open == '{' && len(node.Content)%2 == 0; isKey && needsNoQuotes(child.Value) {
			child.Style = 0
		}
		node.Content = append(node.Content, child)
	}
	if len(node.Content) == 0 {
		node.Style = yaml.FlowStyle // block style cannot write it
	}
	_, err := in.Token()
	return node, err
}

// yamlNumber writes 1e+21 as 1.0e+21: without the point YAML 1.1 takes it for
// a string.
func yamlNumber(n string) string {
	if mantissa, exponent, ok := strings.Cut(n, "e"); ok && !strings.Contains(mantissa, ".") {
		return mantissa + ".0e" + exponent
	}
	return n
}

// needsNoQuotes says whether every version of YAML takes a key for text.
func needsNoQuotes(key string) bool {
	switch strings.ToLower(key) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	for i, c := range []byte(key) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '_' && c != '-') {
			return false
		}
	}
	return true
}
