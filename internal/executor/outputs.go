package executor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Outputs are the places that the runtime wants a step's outputs in.
type Outputs struct {
	// OutputFile takes the whole ExecutorOutput message as JSON; it may be empty.
	OutputFile string
	// Parameters maps each output parameter to the file that takes its value.
	Parameters map[string]string
	// Artifacts maps each output artifact to its description; a runtime may list
	// artifacts that the step does not know.
	Artifacts map[string]Artifact
}

// Values are what a step gives back.
type Values struct {
	// Parameters holds a JSON value for each output parameter.
	Parameters map[string]any
	// Metadata holds each written artifact's metadata.
	Metadata map[string]map[string]any
}

// output is the protojson form of kfp.pipelinespec ExecutorOutput. The
// open-source launcher refuses a field that it does not know.
type output struct {
	ParameterValues map[string]any          `json:"parameterValues,omitempty"`
	Artifacts       map[string]artifactList `json:"artifacts,omitempty"`
}

type artifactList struct {
	Artifacts []Artifact `json:"artifacts"`
}

// Prepare makes the folders of all outputs and proves that they can be
// written, so that a call is not made whose answer would be lost; the cause that
// an earlier try of the task left is taken away. All that is wrong is told at once.
func (o *Outputs) Prepare() error {
	proven := map[string]bool{}
	var problems []error
	for _, path := range o.files() {
		dir := filepath.Dir(path)
		if proven[dir] {
			continue
		}
		proven[dir] = true
		problems = append(problems, writable(path))
	}
	if err := errors.Join(problems...); err != nil || o.OutputFile == "" {
		return err
	}
	if err := os.Remove(o.errorFile()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (o *Outputs) files() []string {
	files := slices.Sorted(maps.Values(o.Parameters))
	if o.OutputFile != "" {
		files = append(files, o.OutputFile)
	}
	return files
}

func writable(path string) error {
	probe, err := CreateBeside(path)
	if err != nil {
		return err
	}
	return probe.Discard()
}

// Write writes the values, both as parameter files and in the executor
// output: runtimes differ in which of the two wins. Only parameters that the
// runtime declared are written.
func (o *Outputs) Write(v Values) error {
	out := output{ParameterValues: map[string]any{}, Artifacts: map[string]artifactList{}}
	for name, path := range o.Parameters {
		value, ok := v.Parameters[name]
		if !ok {
			return fmt.Errorf("output parameter %q is declared, but the step has no such output", name)
		}
		out.ParameterValues[name] = value
		data, err := text(value)
		if err == nil {
			err = WriteFile(path, data)
		}
		if err != nil {
			return fmt.Errorf("write output parameter %q: %w", name, err)
		}
	}
	for name, metadata := range v.Metadata {
		if a, declared := o.Artifacts[name]; declared {
			a.Metadata = metadata
			out.Artifacts[name] = artifactList{Artifacts: []Artifact{a}}
		}
	}
	return o.writeOutputFile(out)
}

func (o *Outputs) writeOutputFile(out output) error {
	if o.OutputFile == "" {
		return nil
	}
	data, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("encode executor output: %w", err)
	}
	if err := WriteFile(o.OutputFile, data); err != nil {
		return fmt.Errorf("write executor output: %w", err)
	}
	return nil
}

// WriteError leaves the cause of a failure where Vertex AI looks for it, in
// executor_error.json beside the output file. Without an output file it does
// nothing.
func (o *Outputs) WriteError(message string) error {
	if o.OutputFile == "" {
		return nil
	}
	data, err := json.Marshal(map[string]string{"errorMessage": message})
	if err != nil {
		return fmt.Errorf("encode executor error: %w", err)
	}
	return WriteFile(o.errorFile(), data)
}

func (o *Outputs) errorFile() string {
	return filepath.Join(filepath.Dir(o.OutputFile), "executor_error.json")
}

// text is what a parameter's file holds: text as it is, anything else as JSON.
func text(value any) ([]byte, error) {
	if text, ok := value.(string); ok {
		return []byte(text), nil
	}
	return json.Marshal(value)
}
