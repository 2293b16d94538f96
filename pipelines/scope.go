package pipelines

import "slices"

// Scope is a place for tasks: the pipeline itself, or the body of a condition.
// Tasks of one scope run side by side unless one takes the other's outputs or
// is set after it.
type Scope struct {
	pipeline *Pipeline
	// owner is the step that this scope is the body of, nil for the pipeline.
	owner *step
	steps []*step
}

// step is a node of the graph: one task, or a group of tasks with a scope of
// its own.
type step struct {
	name  string
	scope *Scope
	after []*step
	when  Condition
	// task is set for a single task, body for a group.
	task *Task
	body *Scope
	// exports are the outputs of a group.
	exports []export
}

// export is an output of a group or a pipeline: the first of the values that
// there is.
type export struct {
	name string
	from []Value
}

// Task adds a task that runs a component.
func (s *Scope) Task(name string, component Component, inputs Inputs) *Task {
	s.pipeline.claim(name)
	t := &Task{component: component, inputs: inputs}
	t.step = &step{name: name, scope: s, task: t}
	s.steps = append(s.steps, t.step)
	return t
}

// If adds tasks that run only where the condition holds; body adds them to the
// scope that it is given.
func (s *Scope) If(when Condition, body func(*Scope)) *Branches {
	b := &Branches{scope: s}
	b.arm(when, body)
	return b
}

// group adds a step with a body.
func (s *Scope) group(kind string) *step {
	g := &step{name: s.pipeline.groupName(kind), scope: s}
	g.body = &Scope{pipeline: s.pipeline, owner: g}
	s.steps = append(s.steps, g)
	return g
}

// parent is the scope around this one, nil for the pipeline's.
func (s *Scope) parent() *Scope {
	if s.owner == nil {
		return nil
	}
	return s.owner.scope
}

// within gives the step of this scope that is the other step or contains it,
// nil where the other is elsewhere.
func (s *Scope) within(other *step) *step {
	for other != nil && other.scope != s {
		other = other.scope.owner
	}
	return other
}

func (s *Scope) remove(gone *step) {
	s.steps = slices.DeleteFunc(s.steps, func(other *step) bool { return other == gone })
}
