package pipelinespec

// Dag is a graph of tasks by name.
type Dag struct {
	Tasks   map[string]*Task `json:"tasks,omitempty"`
	Outputs *DagOutputs      `json:"outputs,omitempty"`
}

// DagOutputs say which outputs of tasks are the outputs of the component.
type DagOutputs struct {
	Parameters map[string]*DagOutputParameter `json:"parameters,omitempty"`
	Artifacts  map[string]*DagOutputArtifact  `json:"artifacts,omitempty"`
}

// DagOutputParameter is one output parameter; one field is set.
type DagOutputParameter struct {
	ValueFromParameter *ParameterSelector  `json:"valueFromParameter,omitempty"`
	ValueFromOneof     *ParameterSelectors `json:"valueFromOneof,omitempty"`
}

// Selectors lists the possible origins, in order of preference.
func (p *DagOutputParameter) Selectors() []ParameterSelector {
	if p.ValueFromParameter != nil {
		return []ParameterSelector{*p.ValueFromParameter}
	}
	if p.ValueFromOneof != nil {
		return p.ValueFromOneof.ParameterSelectors
	}
	return nil
}

// ParameterSelectors are origins of which the first that has run counts.
type ParameterSelectors struct {
	ParameterSelectors []ParameterSelector `json:"parameterSelectors,omitempty"`
}

// ParameterSelector is an output parameter of a task of the DAG.
type ParameterSelector struct {
	ProducerSubtask    string `json:"producerSubtask,omitempty"`
	OutputParameterKey string `json:"outputParameterKey,omitempty"`
}

// DagOutputArtifact is one output artifact; the first selector whose task has
// run counts.
type DagOutputArtifact struct {
	ArtifactSelectors []ArtifactSelector `json:"artifactSelectors,omitempty"`
}

// ArtifactSelector is an output artifact of a task of the DAG.
type ArtifactSelector struct {
	ProducerSubtask   string `json:"producerSubtask,omitempty"`
	OutputArtifactKey string `json:"outputArtifactKey,omitempty"`
}
