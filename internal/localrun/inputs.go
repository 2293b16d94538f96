package localrun

import (
	"errors"
	"fmt"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// inputs finds what a task gets: from the component around it, from tasks before
// it, or constants. What the origin does not have is left to the defaults.
func (g *graph) inputs(n *node) (Values, error) {
	in := Values{Parameters: map[string]any{}, Artifacts: map[string][]Artifact{}}
	sources := n.task.ParameterSources()
	for name, source := range sources {
		if value, ok := g.reference(source); ok {
			in.Parameters[name] = value
		}
	}
	for name, source := range n.task.ArtifactSources() {
		if artifacts, ok := g.artifacts(source); ok {
			in.Artifacts[name] = artifacts
		}
	}
	// Constants may hold placeholders for the other inputs.
	for name, source := range sources {
		if source.RuntimeValue != nil && source.RuntimeValue.RuntimeParameter == "" {
			in.Parameters[name] = n.replaceInputs(source.RuntimeValue.Constant, in.Parameters)
		}
	}
	errs := []error{g.pick(sources, in)}
	if n.task.ParameterIterator == nil {
		errs = append(errs, n.fill(&in))
	}
	for _, name := range sortedKeys(n.component.InputArtifacts()) {
		if len(in.Artifacts[name]) == 0 && !n.component.InputArtifacts()[name].IsOptional {
			errs = append(errs, fmt.Errorf("input %q: got no artifact", name))
		}
	}
	return in, errors.Join(errs...)
}

// pick replaces values by the parts of them that expressions select.
func (g *graph) pick(sources map[string]*pipelinespec.ParameterSource, in Values) error {
	var errs []error
	for _, name := range sortedKeys(sources) {
		value, given := in.Parameters[name]
		expression := sources[name].ParameterExpressionSelector
		if !given || expression == "" {
			continue
		}
		part, err := g.around.eval.pick(expression, value)
		if err != nil {
			errs = append(errs, fmt.Errorf("input %q: %w", name, err))
			continue
		}
		in.Parameters[name] = part
	}
	return errors.Join(errs...)
}

// reference is a parameter that is no constant; not ok where the origin has none.
func (g *graph) reference(source *pipelinespec.ParameterSource) (any, bool) {
	switch {
	case source.ComponentInputParameter != "":
		value, ok := g.around.inputs.Parameters[source.ComponentInputParameter]
		return value, ok
	case source.RuntimeValue != nil:
		value, ok := g.around.inputs.Parameters[source.RuntimeValue.RuntimeParameter]
		return value, ok
	case source.TaskFinalStatus != nil:
		return g.nodes[source.TaskFinalStatus.ProducerTask].finalStatus(), true
	case source.TaskOutputParameter != nil:
		from := g.nodes[source.TaskOutputParameter.ProducerTask]
		value, ok := from.outputs.Parameters[source.TaskOutputParameter.OutputParameterKey]
		return value, ok
	default:
		return nil, false
	}
}

func (g *graph) artifacts(source *pipelinespec.ArtifactSource) ([]Artifact, bool) {
	if source.TaskOutputArtifact == nil {
		artifacts, ok := g.around.inputs.Artifacts[source.ComponentInputArtifact]
		return artifacts, ok
	}
	from := g.nodes[source.TaskOutputArtifact.ProducerTask]
	artifacts, ok := from.outputs.Artifacts[source.TaskOutputArtifact.OutputArtifactKey]
	return artifacts, ok
}

// finalStatus is what an exit handler gets to know of a task, in the shape of
// KFP's PipelineTaskFinalStatus.
func (n *node) finalStatus() map[string]any {
	status := map[string]any{
		"state":            string(n.state),
		"pipelineJobName":  n.job.ID,
		"pipelineTaskName": n.record.task.Name,
	}
	// KFP's SDK for Python wants it by this name.
	if name, given := n.jobValue("pipeline_job_resource_name"); given {
		status["pipelineJobResourceName"] = name
	}
	if n.err != nil {
		const unknown = 2.0 // the code of google.rpc.Status for an error of no known kind
		status["error"] = map[string]any{"code": unknown, "message": n.err.Error()}
	}
	return status
}

// outputs are the outputs of the DAG: of several origins the first that has run.
func (g *graph) outputs(dag *pipelinespec.Dag) Values {
	out := Values{Parameters: map[string]any{}, Artifacts: map[string][]Artifact{}}
	for name, output := range dag.OutputParameters() {
		for _, from := range output.Selectors() {
			if value, ok := g.nodes[from.ProducerSubtask].outputs.Parameters[from.OutputParameterKey]; ok {
				out.Parameters[name] = value
				break
			}
		}
	}
	for name, output := range dag.OutputArtifacts() {
		for _, from := range output.ArtifactSelectors {
			if artifacts, ok := g.nodes[from.ProducerSubtask].outputs.Artifacts[from.OutputArtifactKey]; ok {
				out.Artifacts[name] = artifacts
				break
			}
		}
	}
	return out
}
