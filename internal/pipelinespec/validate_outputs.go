package pipelinespec

// outputs checks a DAG's outputs against what its component declares. Where the
// component runs once for each item, a declared LIST collects the values.
func (v *validator) outputs(at place, c *Component, iterated bool) {
	outputs := at.field("dag.outputs")
	for name, output := range sorted(c.Dag.OutputParameters()) {
		at, declared := outputs.field("parameters").key(name), c.OutputParameters()[name]
		if declared == nil {
			v.add(at, "outputDefinitions has no parameter %q", name)
		}
		v.outputParameter(at, c.Dag, output, declared, iterated)
	}
	for name, output := range sorted(c.Dag.OutputArtifacts()) {
		at, declared := outputs.field("artifacts").key(name), c.OutputArtifacts()[name]
		if declared == nil {
			v.add(at, "outputDefinitions has no artifact %q", name)
		}
		v.outputArtifact(at, c.Dag, output, declared)
	}
	for name := range sorted(c.OutputParameters()) {
		if c.Dag.OutputParameters()[name] == nil {
			v.add(outputs.field("parameters").key(name), "is missing, outputDefinitions declares it")
		}
	}
	for name := range sorted(c.OutputArtifacts()) {
		if c.Dag.OutputArtifacts()[name] == nil {
			v.add(outputs.field("artifacts").key(name), "is missing, outputDefinitions declares it")
		}
	}
}

func (v *validator) outputParameter(at place, dag *Dag, output *DagOutputParameter, declared *OutputParameter, iterated bool) {
	if count(output.ValueFromParameter != nil, output.ValueFromOneof != nil) != 1 || len(output.Selectors()) == 0 {
		v.add(at, "want one of valueFromParameter and valueFromOneof.parameterSelectors")
	}
	for _, selector := range output.Selectors() {
		producer, ok := v.subtask(at, dag, selector.ProducerSubtask)
		if !ok {
			continue
		}
		given := producer.OutputParameters()[selector.OutputParameterKey]
		collected := iterated && declared != nil && declared.ParameterType == List
		switch {
		case given == nil:
			v.add(at, "task %q has no output parameter %q", selector.ProducerSubtask, selector.OutputParameterKey)
		case declared != nil && !collected && !fits(given.ParameterType, declared.ParameterType):
			v.add(at, "got a value of type %s, want %s", given.ParameterType, declared.ParameterType)
		}
	}
}

func (v *validator) outputArtifact(at place, dag *Dag, output *DagOutputArtifact, declared *OutputArtifact) {
	if len(output.ArtifactSelectors) == 0 {
		v.add(at.field("artifactSelectors"), "is empty")
	}
	for _, selector := range output.ArtifactSelectors {
		producer, ok := v.subtask(at, dag, selector.ProducerSubtask)
		if !ok {
			continue
		}
		given := producer.OutputArtifacts()[selector.OutputArtifactKey]
		switch {
		case given == nil:
			v.add(at, "task %q has no output artifact %q", selector.ProducerSubtask, selector.OutputArtifactKey)
		case declared != nil && !artifactFits(given.ArtifactType, declared.ArtifactType):
			v.add(at, "got an artifact of type %s, want %s", given.ArtifactType.SchemaTitle, declared.ArtifactType.SchemaTitle)
		}
	}
}

// subtask is the component of a task; not ok where there is none.
func (v *validator) subtask(at place, dag *Dag, name string) (*Component, bool) {
	if dag.Tasks[name] == nil {
		v.add(at, "no task %q in this DAG", name)
		return nil, false
	}
	producer := v.producer(dag, name)
	return producer, producer != nil
}
