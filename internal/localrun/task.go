package localrun

import (
	"fmt"
	"time"
)

// State is where a task stands, in the words of Vertex AI.
type State string

// The states. Pending and Running go on; the others are final.
const (
	Pending   State = "PENDING"
	Running   State = "RUNNING"
	Succeeded State = "SUCCEEDED"
	Failed    State = "FAILED"
	Cancelled State = "CANCELLED"
	// Skipped is a task whose outputs came from a cache.
	Skipped State = "SKIPPED"
	// NotTriggered is a task whose condition is false, or that would have had to
	// wait for a task that did not succeed.
	NotTriggered State = "NOT_TRIGGERED"
)

// Task is a task of a running job at one moment. The outermost task is the
// pipeline itself, named by the job's ID, with ParentID 0.
type Task struct {
	ID       int64
	ParentID int64
	// Name is the task's key in its DAG; an iteration adds its number.
	Name string
	// DisplayName is what people see.
	DisplayName string
	State       State
	// Create, Start and End are zero until they have come.
	Create, Start, End time.Time
	// Err says why a task failed, was cancelled or was not triggered. It is nil
	// for a condition that is false.
	Err             error
	Inputs, Outputs Values
}

// Values are what passes between tasks.
type Values struct {
	// Parameters are JSON values by name.
	Parameters map[string]any
	// Artifacts are by name; most have one artifact.
	Artifacts map[string][]Artifact
}

// Artifact is something that a task made, by reference.
type Artifact struct {
	Name string `json:"name,omitempty"`
	// Type is the schema title, such as system.Artifact.
	Type     string         `json:"-"`
	URI      string         `json:"uri,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
}

// TaskError is the failure of one task, by the way to it from the pipeline,
// such as condition-1/call.
type TaskError struct {
	Task string
	Err  error
}

func (e *TaskError) Error() string { return fmt.Sprintf("task %s: %v", e.Task, e.Err) }

func (e *TaskError) Unwrap() error { return e.Err }

// Observer is told of every change of a task, one at a time, in order.
type Observer interface {
	TaskChanged(Task)
}
