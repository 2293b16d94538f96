package localrun

import "path"

// executorInput is what {{$}} stands for: KFP's ExecutorInput in protobuf's
// JSON.
type executorInput struct {
	Inputs struct {
		ParameterValues map[string]any              `json:"parameterValues,omitempty"`
		Artifacts       map[string]runtimeArtifacts `json:"artifacts,omitempty"`
	} `json:"inputs"`
	Outputs struct {
		Parameters map[string]outputFile       `json:"parameters,omitempty"`
		Artifacts  map[string]runtimeArtifacts `json:"artifacts,omitempty"`
		OutputFile string                      `json:"outputFile"`
	} `json:"outputs"`
}

type outputFile struct {
	OutputFile string `json:"outputFile"`
}

type runtimeArtifacts struct {
	Artifacts []runtimeArtifact `json:"artifacts"`
}

// runtimeArtifact is an artifact as the step and the runner tell each other of
// it.
type runtimeArtifact struct {
	Name     string         `json:"name,omitempty"`
	Type     *artifactType  `json:"type,omitempty"`
	URI      string         `json:"uri,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
	// CustomPath is set where the step sees the artifact elsewhere than under
	// the mount of its bucket.
	CustomPath string `json:"customPath,omitempty"`
	// Properties are deprecated; a step may still send them.
	Properties       map[string]any `json:"properties,omitempty"`
	CustomProperties map[string]any `json:"customProperties,omitempty"`
}

type artifactType struct {
	SchemaTitle    string `json:"schemaTitle,omitempty"`
	SchemaURI      string `json:"schemaUri,omitempty"`
	InstanceSchema string `json:"instanceSchema,omitempty"`
	SchemaVersion  string `json:"schemaVersion,omitempty"`
}

// executorInput builds what the step is told.
func (f *outputFiles) executorInput(u *unit) executorInput {
	var in executorInput
	in.Inputs.ParameterValues = u.inputs.Parameters
	in.Inputs.Artifacts = map[string]runtimeArtifacts{}
	for name, artifacts := range u.inputs.Artifacts {
		in.Inputs.Artifacts[name] = f.runtime(artifacts)
	}
	in.Outputs.OutputFile = f.stepPath(executorOutputName)
	in.Outputs.Parameters = map[string]outputFile{}
	for name := range u.component.OutputParameters() {
		in.Outputs.Parameters[name] = outputFile{f.stepPath(name)}
	}
	in.Outputs.Artifacts = map[string]runtimeArtifacts{}
	for name := range u.component.OutputArtifacts() {
		in.Outputs.Artifacts[name] = f.runtime([]Artifact{f.artifact(u.component, name)})
	}
	return in
}

// runtime describes artifacts to the step.
func (f *outputFiles) runtime(artifacts []Artifact) runtimeArtifacts {
	out := runtimeArtifacts{Artifacts: make([]runtimeArtifact, 0, len(artifacts))}
	for _, a := range artifacts {
		r := runtimeArtifact{Name: a.Name, URI: a.URI, Metadata: a.Metadata, Type: &artifactType{SchemaTitle: a.Type}}
		if at := f.pathOf(a.URI); at != mountPath(a.URI) {
			r.CustomPath = at
		}
		out.Artifacts = append(out.Artifacts, r)
	}
	return out
}

// mountPath is where runtimes mount a gs:// URI, "" for any other.
func mountPath(uri string) string {
	const scheme = "gs://"
	if len(uri) < len(scheme) || uri[:len(scheme)] != scheme {
		return ""
	}
	return path.Join("/gcs", uri[len(scheme):])
}
