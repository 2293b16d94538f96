package pipelinespec

// Task is one use of a component inside a DAG.
type Task struct {
	TaskInfo     TaskInfo     `json:"taskInfo"`
	ComponentRef ComponentRef `json:"componentRef"`
	Inputs       *TaskInputs  `json:"inputs,omitempty"`
	// DependentTasks are the tasks of the same DAG that come first, producers
	// of this task's inputs included: some runtimes order by nothing else.
	DependentTasks    []string           `json:"dependentTasks,omitempty"`
	CachingOptions    *CachingOptions    `json:"cachingOptions,omitempty"`
	TriggerPolicy     *TriggerPolicy     `json:"triggerPolicy,omitempty"`
	RetryPolicy       *RetryPolicy       `json:"retryPolicy,omitempty"`
	ParameterIterator *ParameterIterator `json:"parameterIterator,omitempty"`
	ArtifactIterator  *ArtifactIterator  `json:"artifactIterator,omitempty"`
	IteratorPolicy    *IteratorPolicy    `json:"iteratorPolicy,omitempty"`
}

// TaskInfo has the name that people see.
type TaskInfo struct {
	Name string `json:"name,omitempty"`
}

// ComponentRef names a key of Spec.Components.
type ComponentRef struct {
	Name string `json:"name,omitempty"`
}

// TaskInputs say where each input of the task's component comes from.
type TaskInputs struct {
	Parameters map[string]*ParameterSource `json:"parameters,omitempty"`
	Artifacts  map[string]*ArtifactSource  `json:"artifacts,omitempty"`
}

// ParameterSource is where a parameter comes from; one of the first four fields
// is set.
type ParameterSource struct {
	TaskOutputParameter *TaskOutputParameter `json:"taskOutputParameter,omitempty"`
	RuntimeValue        *Value               `json:"runtimeValue,omitempty"`
	// ComponentInputParameter is an input of the component around the task.
	ComponentInputParameter string           `json:"componentInputParameter,omitempty"`
	TaskFinalStatus         *TaskFinalStatus `json:"taskFinalStatus,omitempty"`
	// ParameterExpressionSelector is a CEL expression over string_value that
	// picks a part of the value.
	ParameterExpressionSelector string `json:"parameterExpressionSelector,omitempty"`
}

// TaskOutputParameter is an output parameter of another task of the DAG.
type TaskOutputParameter struct {
	ProducerTask       string `json:"producerTask,omitempty"`
	OutputParameterKey string `json:"outputParameterKey,omitempty"`
}

// TaskFinalStatus is how another task of the DAG ended.
type TaskFinalStatus struct {
	ProducerTask string `json:"producerTask,omitempty"`
}

// ArtifactSource is where an artifact comes from; one field is set.
type ArtifactSource struct {
	TaskOutputArtifact     *TaskOutputArtifact `json:"taskOutputArtifact,omitempty"`
	ComponentInputArtifact string              `json:"componentInputArtifact,omitempty"`
}

// TaskOutputArtifact is an output artifact of another task of the DAG.
type TaskOutputArtifact struct {
	ProducerTask      string `json:"producerTask,omitempty"`
	OutputArtifactKey string `json:"outputArtifactKey,omitempty"`
}
