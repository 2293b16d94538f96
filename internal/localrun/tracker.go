package localrun

import (
	"sync"
	"time"
)

// tracker numbers the tasks of a run and tells their changes.
type tracker struct {
	observer Observer

	mu   sync.Mutex
	last int64
}

// add makes a task known as pending. The outermost task has no parent.
func (t *tracker) add(parent *record, name, display string) *record {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	r := &record{tracker: t, task: Task{ID: t.last, Name: name, DisplayName: display, State: Pending, Create: time.Now()}}
	if parent != nil {
		r.task.ParentID = parent.task.ID
	}
	t.tell(r.task)
	return r
}

func (t *tracker) tell(task Task) {
	if t.observer != nil {
		t.observer.TaskChanged(task)
	}
}

// record is one task as the observer sees it.
type record struct {
	tracker *tracker
	task    Task
}

func (r *record) start(inputs Values) {
	r.change(func(t *Task) { t.State, t.Start, t.Inputs = Running, time.Now(), inputs })
}

func (r *record) end(state State, outputs Values, err error) {
	r.change(func(t *Task) { t.State, t.End, t.Outputs, t.Err = state, time.Now(), outputs, err })
}

func (r *record) change(f func(*Task)) {
	r.tracker.mu.Lock()
	defer r.tracker.mu.Unlock()
	f(&r.task)
	r.tracker.tell(r.task)
}
