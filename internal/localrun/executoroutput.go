package localrun

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"strings"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// executorOutput is what a step may write to its output file: KFP's
// ExecutorOutput in protobuf's JSON.
type executorOutput struct {
	ParameterValues map[string]any              `json:"parameterValues,omitempty"`
	Artifacts       map[string]runtimeArtifacts `json:"artifacts,omitempty"`
}

// parseExecutorOutput is strict, as KFP is.
func parseExecutorOutput(data []byte) (executorOutput, error) {
	var out executorOutput
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&out); err != nil {
		return executorOutput{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return executorOutput{}, errors.New("got more than one JSON value")
	}
	return out, nil
}

// read collects what the step has put out.
func (f *outputFiles) read(c *pipelinespec.Component) (Values, error) {
	var written executorOutput
	data, err := readFile(filepath.Join(f.dir, executorOutputName))
	if err == nil {
		written, err = parseExecutorOutput(data)
	}
	if err != nil && !isMissing(err) {
		return Values{}, fmt.Errorf("executor output: %w", err)
	}
	out := Values{Parameters: map[string]any{}, Artifacts: map[string][]Artifact{}}
	var errs []error
	for _, name := range sortedKeys(c.OutputParameters()) {
		value, err := f.parameter(written, name, c.OutputParameters()[name].ParameterType)
		if err != nil {
			errs = append(errs, fmt.Errorf("output parameter %q: %w", name, err))
			continue
		}
		out.Parameters[name] = value
	}
	for name := range c.OutputArtifacts() {
		out.Artifacts[name] = []Artifact{merge(f.artifact(c, name), written.Artifacts[name])}
	}
	return out, errors.Join(errs...)
}

// parameter is an output parameter: from the executor output, or else from the
// parameter's own file.
func (f *outputFiles) parameter(written executorOutput, name string, want pipelinespec.ParameterType) (any, error) {
	if value, ok := written.ParameterValues[name]; ok {
		return value, want.Check(value)
	}
	data, err := readFile(filepath.Join(f.dir, name))
	if isMissing(err) {
		return nil, errors.New("the step has not written it")
	}
	if err != nil {
		return nil, err
	}
	text := string(data)
	if want != pipelinespec.String {
		text = strings.TrimSpace(text)
	}
	return want.Parse(text)
}

// merge adds what the step says of an artifact to what is known. Only the first
// of a list counts, and the name stays.
func merge(a Artifact, said runtimeArtifacts) Artifact {
	if len(said.Artifacts) == 0 {
		return a
	}
	first := said.Artifacts[0]
	if first.URI != "" {
		a.URI = first.URI
	}
	metadata := maps.Clone(a.Metadata)
	if metadata == nil {
		metadata = map[string]any{}
	}
	maps.Copy(metadata, first.Metadata)
	if len(metadata) > 0 {
		a.Metadata = metadata
	}
	return a
}
