package executor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Input is a KFP executor input: what the runtime puts in place of {{$}}.
type Input struct {
	parameters map[string]json.RawMessage
	// Artifacts are the input artifacts; of a list it is the first.
	Artifacts map[string]Artifact
	// Outputs are the places that the runtime wants the outputs in.
	Outputs Outputs
}

// wire is the protojson form of kfp.pipelinespec ExecutorInput, as far as a
// step needs it. Unknown fields are other runtimes' additions and are left alone.
type wire struct {
	Inputs struct {
		ParameterValues map[string]json.RawMessage `json:"parameterValues"`
		Artifacts       map[string]artifactList    `json:"artifacts"`
	} `json:"inputs"`
	Outputs struct {
		Parameters map[string]struct {
			OutputFile string `json:"outputFile"`
		} `json:"parameters"`
		Artifacts  map[string]artifactList `json:"artifacts"`
		OutputFile string                  `json:"outputFile"`
	} `json:"outputs"`
}

// ErrNotReplaced means that the runtime passed its placeholder on instead of
// the executor input.
var ErrNotReplaced = errors.New("the runtime did not replace {{$}}; want the executor input as JSON")

// Parse reads an executor input. Its errors name the place, never a value: a
// value may hold a secret.
func Parse(text string) (*Input, error) {
	if unresolved(text) {
		return nil, ErrNotReplaced
	}
	var w wire
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return nil, malformed(err, text)
	}
	in := &Input{parameters: w.Inputs.ParameterValues, Artifacts: firsts(w.Inputs.Artifacts)}
	in.Outputs.OutputFile = w.Outputs.OutputFile
	in.Outputs.Parameters = make(map[string]string, len(w.Outputs.Parameters))
	for name, p := range w.Outputs.Parameters {
		in.Outputs.Parameters[name] = p.OutputFile
	}
	in.Outputs.Artifacts = firsts(w.Outputs.Artifacts)
	return in, nil
}

// firsts are the first of each list, where there is one.
func firsts(lists map[string]artifactList) map[string]Artifact {
	artifacts := make(map[string]Artifact, len(lists))
	for name, list := range lists {
		if len(list.Artifacts) > 0 {
			artifacts[name] = list.Artifacts[0]
		}
	}
	return artifacts
}

// Names lists the parameters that the input carries, given or not, sorted.
func (in *Input) Names() []string { return slices.Sorted(maps.Keys(in.parameters)) }

// Parameter returns a parameter's JSON value. It is not given where it is
// missing, null, or a placeholder that the runtime left as it was: runtimes
// differ in how they pass an optional input that has no value.
func (in *Input) Parameter(name string) (json.RawMessage, bool) {
	value, ok := in.parameters[name]
	if !ok || bytes.Equal(value, []byte("null")) || in.Unresolved(name) {
		return nil, false
	}
	return value, true
}

// Unresolved says whether a parameter's value is a placeholder that the
// runtime did not replace.
func (in *Input) Unresolved(name string) bool {
	var text string
	return json.Unmarshal(in.parameters[name], &text) == nil && unresolved(text)
}

func unresolved(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{{$") && strings.HasSuffix(text, "}}")
}

// malformed keeps of a JSON error where it is, and drops what stands there.
func malformed(err error, text string) error {
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		place := "executor input"
		if mismatch.Field != "" {
			place += ": " + mismatch.Field
		}
		return fmt.Errorf("%s: got %s, want %s", place, gotten(mismatch.Value), wanted(mismatch.Type))
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("executor input is not JSON: syntax error at byte %d%s", syntax.Offset, quoteHint(text))
	}
	return errors.New("executor input is not JSON")
}

// quoteHint tells of the one way in which a runtime breaks its own JSON: the
// open-source launcher replaces placeholders inside strings without escaping.
func quoteHint(text string) string {
	if strings.Contains(text, `"parameterValues"`) {
		return `; a value that was pasted into another string may hold a quote: pass it as a parameter of its own`
	}
	return ""
}
