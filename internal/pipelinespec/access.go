package pipelinespec

import (
	"maps"
	"slices"
)

// InputParameters are the declared input parameters, nil where there are none.
func (c *Component) InputParameters() map[string]*InputParameter {
	if c == nil || c.InputDefinitions == nil {
		return nil
	}
	return c.InputDefinitions.Parameters
}

// InputArtifacts are the declared input artifacts, nil where there are none.
func (c *Component) InputArtifacts() map[string]*InputArtifact {
	if c == nil || c.InputDefinitions == nil {
		return nil
	}
	return c.InputDefinitions.Artifacts
}

// OutputParameters are the declared output parameters, nil where there are none.
func (c *Component) OutputParameters() map[string]*OutputParameter {
	if c == nil || c.OutputDefinitions == nil {
		return nil
	}
	return c.OutputDefinitions.Parameters
}

// OutputArtifacts are the declared output artifacts, nil where there are none.
func (c *Component) OutputArtifacts() map[string]*OutputArtifact {
	if c == nil || c.OutputDefinitions == nil {
		return nil
	}
	return c.OutputDefinitions.Artifacts
}

// OutputParameters are the outputs of the DAG by name, nil where there are none.
func (d *Dag) OutputParameters() map[string]*DagOutputParameter {
	if d.Outputs == nil {
		return nil
	}
	return d.Outputs.Parameters
}

// OutputArtifacts are the outputs of the DAG by name, nil where there are none.
func (d *Dag) OutputArtifacts() map[string]*DagOutputArtifact {
	if d.Outputs == nil {
		return nil
	}
	return d.Outputs.Artifacts
}

// ParameterSources are the origins of the task's parameters, nil where there
// are none.
func (t *Task) ParameterSources() map[string]*ParameterSource {
	if t.Inputs == nil {
		return nil
	}
	return t.Inputs.Parameters
}

// ArtifactSources are the origins of the task's artifacts, nil where there are
// none.
func (t *Task) ArtifactSources() map[string]*ArtifactSource {
	if t.Inputs == nil {
		return nil
	}
	return t.Inputs.Artifacts
}

// Upstream are the tasks of the same DAG that have to end before this one
// starts, sorted: those it names and those whose outputs it takes.
func (t *Task) Upstream() []string {
	names := make(map[string]bool)
	for _, name := range t.DependentTasks {
		names[name] = true
	}
	for _, source := range t.ParameterSources() {
		if name := source.producer(); name != "" {
			names[name] = true
		}
	}
	for _, source := range t.ArtifactSources() {
		if source.TaskOutputArtifact != nil {
			names[source.TaskOutputArtifact.ProducerTask] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// producer is the task that the parameter comes from, "" where it is none.
func (s *ParameterSource) producer() string {
	switch {
	case s.TaskOutputParameter != nil:
		return s.TaskOutputParameter.ProducerTask
	case s.TaskFinalStatus != nil:
		return s.TaskFinalStatus.ProducerTask
	default:
		return ""
	}
}

// iterates says whether the task runs its component once for each item.
func (t *Task) iterates() bool { return t.ParameterIterator != nil || t.ArtifactIterator != nil }
