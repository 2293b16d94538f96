package pipelinespec

import (
	"encoding/json"
	"slices"
)

// scope is one DAG while its tasks are checked: the component around it, and
// the task at hand with its component.
type scope struct {
	around    *Component
	name      string
	task      *Task
	component *Component
}

func (v *validator) dag(at place, c *Component, iterated bool) {
	tasks := at.field("dag.tasks")
	if len(c.Dag.Tasks) == 0 {
		v.add(tasks, "is empty")
	}
	for name, task := range sorted(c.Dag.Tasks) {
		s := scope{around: c, name: name, task: task, component: v.spec.Components[task.ComponentRef.Name]}
		v.task(tasks.key(name), s)
	}
	v.cycle(tasks, c.Dag)
	v.outputs(at, c, iterated)
}

func (v *validator) task(at place, s scope) {
	v.name(at, s.name)
	if s.task.TaskInfo.Name == "" {
		v.add(at.field("taskInfo.name"), "is missing")
	}
	for i, name := range s.task.DependentTasks {
		if s.around.Dag.Tasks[name] == nil {
			v.add(at.field("dependentTasks").index(i), "no task %q in this DAG", name)
		}
	}
	if s.component == nil {
		v.add(at.field("componentRef.name"), "no component %q in components", s.task.ComponentRef.Name)
		return
	}
	v.taskParameters(at, s)
	v.taskArtifacts(at, s)
	v.trigger(at.field("triggerPolicy"), s)
	v.iterator(at, s)
	v.retry(at.field("retryPolicy"), s.task.RetryPolicy)
}

func (v *validator) retry(at place, r *RetryPolicy) {
	if r == nil {
		return
	}
	if r.MaxRetryCount < 0 || r.BackoffDuration < 0 || r.BackoffFactor < 0 || r.BackoffMaxDuration < 0 {
		v.add(at, "got a negative number")
	}
}

func (v *validator) iterator(at place, s scope) {
	if s.task.ParameterIterator != nil && s.task.ArtifactIterator != nil {
		v.add(at, "got both parameterIterator and artifactIterator, want one")
	}
	if p := s.task.IteratorPolicy; p != nil && p.ParallelismLimit < 0 {
		v.add(at.field("iteratorPolicy.parallelismLimit"), "got %d, want at least 0", p.ParallelismLimit)
	}
	if it := s.task.ParameterIterator; it != nil {
		v.parameterIterator(at.field("parameterIterator"), s, it)
	}
	if it := s.task.ArtifactIterator; it != nil {
		at := at.field("artifactIterator")
		if s.component.InputArtifacts()[it.ItemInput] == nil {
			v.add(at.field("itemInput"), "component %q has no input artifact %q", s.task.ComponentRef.Name, it.ItemInput)
		}
		if s.task.ArtifactSources()[it.Items.InputArtifact] == nil {
			v.add(at.field("items.inputArtifact"), "the task has no input artifact %q", it.Items.InputArtifact)
		}
	}
}

func (v *validator) parameterIterator(at place, s scope, it *ParameterIterator) {
	if s.component.InputParameters()[it.ItemInput] == nil {
		v.add(at.field("itemInput"), "component %q has no input parameter %q", s.task.ComponentRef.Name, it.ItemInput)
	}
	switch {
	case count(it.Items.Raw != "", it.Items.InputParameter != "") != 1:
		v.add(at.field("items"), "want one of raw and inputParameter")
	case it.Items.Raw != "":
		var items []any
		if err := json.Unmarshal([]byte(it.Items.Raw), &items); err != nil {
			v.add(at.field("items.raw"), "got %s, want a JSON array", quote(it.Items.Raw))
		}
	case s.task.ParameterSources()[it.Items.InputParameter] == nil:
		v.add(at.field("items.inputParameter"), "the task has no input parameter %q", it.Items.InputParameter)
	}
}

// depends says whether the task names another as one that comes first.
func (s scope) depends(name string) bool { return slices.Contains(s.task.DependentTasks, name) }

// producer is the component of a task of the DAG, nil where there is no such
// task or component.
func (v *validator) producer(dag *Dag, task string) *Component {
	if t := dag.Tasks[task]; t != nil {
		return v.spec.Components[t.ComponentRef.Name]
	}
	return nil
}
