package pipelines

import "time"

// Inputs are what a task's component gets by the names of its inputs: a Value,
// or a constant that becomes JSON (a string, number, bool, slice or map).
type Inputs map[string]any

// Task is one use of a component. Its fields may be set until the pipeline is
// compiled.
type Task struct {
	// DisplayName is what people see; empty means the name.
	DisplayName string
	// Cache lets a run take the outputs of an earlier run with the same inputs
	// instead of running the task. It is off unless set, for a call that is not
	// made is a call that is missing.
	Cache bool
	// Retry says how the task is tried again when it fails; nil means that it
	// is not.
	Retry *Retry
	// Resources are what the task's container gets; zero fields leave it to the
	// runtime.
	Resources Resources

	step      *step
	component Component
	inputs    Inputs
}

// Retry says how a failed task is tried again.
type Retry struct {
	// Max is how often it is tried again at the most.
	Max int
	// Backoff is the time before the first retry.
	Backoff time.Duration
	// Factor multiplies the time with each retry; zero means 2.
	Factor float64
	// MaxBackoff bounds the time between tries; zero means an hour.
	MaxBackoff time.Duration
}

// After makes the task wait for others although it takes none of their
// outputs. It returns the task.
func (t *Task) After(others ...*Task) *Task {
	for _, other := range others {
		t.step.after = append(t.step.after, other.step)
	}
	return t
}

// Output refers to an output of the task.
func (t *Task) Output(name string) Value {
	p := t.step.scope.pipeline
	if t.component == nil {
		return Value{invalid: true} // Compile tells that
	}
	_, outputs := t.component.ports()
	for _, output := range outputs {
		if output.Name == name {
			return Value{pipeline: p, typ: output.kind(), step: t.step, output: name}
		}
	}
	p.fail("task %q: its component has no output %q: it has %s", t.step.name, name, list(outputs))
	return Value{invalid: true}
}
