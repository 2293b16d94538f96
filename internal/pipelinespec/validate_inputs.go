package pipelinespec

import "strings"

// channelPrefix begins the names of inputs that carry values across DAGs. A
// task may have such an input that its component does not declare: its
// condition or a placeholder in a constant reads it.
const channelPrefix = "pipelinechannel--"

func (v *validator) taskParameters(at place, s scope) {
	inputs := at.field("inputs.parameters")
	for name, source := range sorted(s.task.ParameterSources()) {
		at, declared := inputs.key(name), s.component.InputParameters()[name]
		if declared == nil && !strings.HasPrefix(name, channelPrefix) {
			v.add(at, "component %q has no input parameter %q", s.task.ComponentRef.Name, name)
		}
		v.parameterSource(at, s, source, declared)
	}
	for name, declared := range sorted(s.component.InputParameters()) {
		supplied := s.task.ParameterIterator != nil && s.task.ParameterIterator.ItemInput == name
		if s.task.ParameterSources()[name] == nil && declared.Required() && !supplied {
			v.add(inputs.key(name), "is missing, component %q requires it", s.task.ComponentRef.Name)
		}
	}
}

func (v *validator) parameterSource(at place, s scope, source *ParameterSource, declared *InputParameter) {
	n := count(source.TaskOutputParameter != nil, source.RuntimeValue != nil, source.ComponentInputParameter != "", source.TaskFinalStatus != nil)
	if n != 1 {
		v.add(at, "got %d of taskOutputParameter, runtimeValue, componentInputParameter and taskFinalStatus, want one", n)
		return
	}
	given, ok := v.sourceType(at, s, source)
	if !ok || declared == nil || source.ParameterExpressionSelector != "" {
		return
	}
	if !fits(given, declared.ParameterType) {
		v.add(at, "got a value of type %s, want %s", given, declared.ParameterType)
	}
	if source.RuntimeValue != nil && !isPlaceholder(source.RuntimeValue.Constant) {
		if err := declared.ParameterType.Check(source.RuntimeValue.Constant); err != nil {
			v.add(at.field("runtimeValue.constant"), "%w", err)
		}
	}
}

// sourceType is the type of what the source gives, "" for a constant; not ok
// means that the source refers to nothing, which is told.
func (v *validator) sourceType(at place, s scope, source *ParameterSource) (ParameterType, bool) {
	switch {
	case source.ComponentInputParameter != "":
		input := s.around.InputParameters()[source.ComponentInputParameter]
		if input == nil {
			v.add(at.field("componentInputParameter"), "the component around has no input parameter %q", source.ComponentInputParameter)
			return "", false
		}
		return input.ParameterType, true
	case source.TaskFinalStatus != nil:
		return FinalStatus, v.upstream(at.field("taskFinalStatus.producerTask"), s, source.TaskFinalStatus.ProducerTask)
	case source.TaskOutputParameter != nil:
		return v.outputType(at.field("taskOutputParameter"), s, source.TaskOutputParameter)
	default:
		return "", true
	}
}

func (v *validator) outputType(at place, s scope, from *TaskOutputParameter) (ParameterType, bool) {
	if !v.upstream(at.field("producerTask"), s, from.ProducerTask) {
		return "", false
	}
	producer := v.producer(s.around.Dag, from.ProducerTask)
	if producer == nil {
		return "", false // told where that task is checked
	}
	output := producer.OutputParameters()[from.OutputParameterKey]
	if output == nil {
		v.add(at.field("outputParameterKey"), "task %q has no output parameter %q", from.ProducerTask, from.OutputParameterKey)
		return "", false
	}
	return output.ParameterType, true
}

// upstream checks that a producer is a task of the DAG and among dependentTasks.
func (v *validator) upstream(at place, s scope, producer string) bool {
	if s.around.Dag.Tasks[producer] == nil {
		v.add(at, "no task %q in this DAG", producer)
		return false
	}
	if !s.depends(producer) {
		v.add(at, "task %q is not among dependentTasks", producer)
	}
	return true
}

// fits says whether a value of one type can be passed as another. An integer
// passes as a double; type "" is a constant, which is checked by its value.
func fits(given, want ParameterType) bool {
	return given == "" || given == want || given == NumberInteger && want == NumberDouble
}

// isPlaceholder says whether a value holds a placeholder, which the runtime
// replaces, so that its type is not known yet.
func isPlaceholder(value any) bool {
	text, ok := value.(string)
	return ok && strings.Contains(text, "{{$")
}
