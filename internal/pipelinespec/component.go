package pipelinespec

// Component is the interface of a unit of work and what implements it: an
// executor or a DAG of tasks. Exactly one of Dag and ExecutorLabel is set.
type Component struct {
	// ExecutorLabel is a key of DeploymentSpec.Executors.
	ExecutorLabel     string             `json:"executorLabel,omitempty"`
	InputDefinitions  *InputDefinitions  `json:"inputDefinitions,omitempty"`
	OutputDefinitions *OutputDefinitions `json:"outputDefinitions,omitempty"`
	Dag               *Dag               `json:"dag,omitempty"`
	// SinglePlatformSpecs and TaskConfigPassthroughs belong to Kubernetes and
	// are kept as they are.
	SinglePlatformSpecs    []any `json:"singlePlatformSpecs,omitempty"`
	TaskConfigPassthroughs []any `json:"taskConfigPassthroughs,omitempty"`
}

// InputDefinitions are a component's inputs by name.
type InputDefinitions struct {
	Parameters map[string]*InputParameter `json:"parameters,omitempty"`
	Artifacts  map[string]*InputArtifact  `json:"artifacts,omitempty"`
}

// InputParameter declares an input that is passed by value.
type InputParameter struct {
	ParameterType ParameterType `json:"parameterType,omitempty"`
	// DefaultValue is a JSON value; nil means that there is none.
	DefaultValue any    `json:"defaultValue,omitempty"`
	IsOptional   bool   `json:"isOptional,omitempty"`
	Description  string `json:"description,omitempty"`
	// Literals are the only values allowed, where there are any.
	Literals []any `json:"literals,omitempty"`
}

// Required says whether a caller has to give a value.
func (p *InputParameter) Required() bool { return !p.IsOptional && p.DefaultValue == nil }

// InputArtifact declares an input that is passed by reference.
type InputArtifact struct {
	ArtifactType   *ArtifactType `json:"artifactType,omitempty"`
	IsArtifactList bool          `json:"isArtifactList,omitempty"`
	IsOptional     bool          `json:"isOptional,omitempty"`
	Description    string        `json:"description,omitempty"`
}

// OutputDefinitions are a component's outputs by name.
type OutputDefinitions struct {
	Parameters map[string]*OutputParameter `json:"parameters,omitempty"`
	Artifacts  map[string]*OutputArtifact  `json:"artifacts,omitempty"`
}

// OutputParameter declares an output that is passed by value.
type OutputParameter struct {
	ParameterType ParameterType `json:"parameterType,omitempty"`
	Description   string        `json:"description,omitempty"`
}

// OutputArtifact declares an output that is passed by reference.
type OutputArtifact struct {
	ArtifactType     *ArtifactType  `json:"artifactType,omitempty"`
	IsArtifactList   bool           `json:"isArtifactList,omitempty"`
	Metadata         map[string]any `json:"metadata,omitempty"`
	Description      string         `json:"description,omitempty"`
	Properties       map[string]any `json:"properties,omitempty"`
	CustomProperties map[string]any `json:"customProperties,omitempty"`
}

// ArtifactType is the schema of an artifact. The KFP SDK refuses a type
// without SchemaVersion.
type ArtifactType struct {
	// SchemaTitle is a name such as system.Artifact.
	SchemaTitle    string `json:"schemaTitle,omitempty"`
	SchemaURI      string `json:"schemaUri,omitempty"`
	InstanceSchema string `json:"instanceSchema,omitempty"`
	SchemaVersion  string `json:"schemaVersion,omitempty"`
}
