package localrun

import (
	"errors"
	"fmt"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// preflight tells, before anything runs, what of a spec this runner cannot run.
func preflight(spec *pipelinespec.Spec, eval *evaluator) error {
	errs := tasksRunnable(eval, "root", spec.Root)
	for _, name := range sortedKeys(spec.Components) {
		component := spec.Components[name]
		place := fmt.Sprintf("components[%q]", name)
		if component.Dag != nil {
			errs = append(errs, tasksRunnable(eval, place, component)...)
		}
		if executor := spec.DeploymentSpec.Executors[component.ExecutorLabel]; executor != nil {
			errs = append(errs, executorRunnable(place, executor))
		}
	}
	return errors.Join(errs...)
}

func unsupported(what, place string) error {
	return fmt.Errorf("not supported by the local runner: %s at %s", what, place)
}

func executorRunnable(place string, e *pipelinespec.Executor) error {
	switch {
	case e.Resolver != nil:
		return unsupported("resolver", place)
	case e.CustomJob != nil:
		return unsupported("customJob", place)
	default:
		return nil
	}
}

func tasksRunnable(eval *evaluator, place string, component *pipelinespec.Component) []error {
	var errs []error
	for _, name := range sortedKeys(component.Dag.Tasks) {
		place, task := fmt.Sprintf("%s.dag.tasks[%q]", place, name), component.Dag.Tasks[name]
		if task.ArtifactIterator != nil {
			errs = append(errs, unsupported("artifactIterator", place))
		}
		if task.TriggerPolicy != nil && task.TriggerPolicy.Condition != "" {
			if _, err := eval.compile(task.TriggerPolicy.Condition); err != nil {
				errs = append(errs, fmt.Errorf("%s.triggerPolicy.condition: %w", place, err))
			}
		}
		for input, source := range task.ParameterSources() {
			if source.ParameterExpressionSelector == "" {
				continue
			}
			if _, err := eval.compile(source.ParameterExpressionSelector); err != nil {
				errs = append(errs, fmt.Errorf("%s.inputs.parameters[%q]: %w", place, input, err))
			}
		}
	}
	return errs
}
