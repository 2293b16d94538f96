package tasks

import (
	"maps"
	"slices"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// add takes a new task in, and shows it.
func (q *queue) add(r *record, view cloudtaskspb.Task_View) (*cloudtaskspb.Task, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Now()
	q.forget(now)
	switch {
	case q.deleted:
		return nil, errNoQueue
	case q.tasks[r.name.ID] != nil:
		return nil, errTaskExists
	case q.used.has(r.name.ID):
		return nil, errNameUsed
	}
	if err := resource.CompleteTask(r.task, q.config, now); err != nil {
		return nil, err
	}
	if err := q.store.saveTask(r); err != nil {
		return nil, internal(err)
	}
	q.tasks[r.name.ID] = r
	q.plan.Put(r.name.ID, r.task.GetScheduleTime().AsTime())
	q.wake()
	return r.show(view), nil
}

// forget gives names of tasks free that were used long ago.
func (q *queue) forget(now time.Time) {
	for _, id := range q.used.expire(now.Add(-nameRest)) {
		if err := q.store.forgetTask(resource.Task{Queue: q.name, ID: id}); err != nil {
			q.log.Error().Err(err).Msg("the name of a task is not forgotten")
		}
	}
}

// find returns a task under the lock, or says what became of it.
func (q *queue) find(id string) (*record, error) {
	if r := q.tasks[id]; r != nil {
		return r, nil
	}
	if q.forget(q.clock.Now()); q.used.has(id) {
		return nil, errTaskEnded
	}
	return nil, errNoTask
}

// task shows a task.
func (q *queue) task(id string, view cloudtaskspb.Task_View) (*cloudtaskspb.Task, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.find(id)
	if err != nil {
		return nil, err
	}
	return r.show(view), nil
}

// ids lists the tasks.
func (q *queue) ids() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Collect(maps.Keys(q.tasks))
}

// remove deletes a task; a request under way goes on, and nobody asks how it ends.
func (q *queue) remove(id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.find(id)
	if err != nil {
		return err
	}
	if err := q.end(r); err != nil {
		return internal(err)
	}
	return nil
}

// purge deletes all tasks.
func (q *queue) purge() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.tasks {
		if err := q.end(r); err != nil {
			return internal(err)
		}
	}
	return nil
}

// end takes a task out of the queue and keeps its name.
func (q *queue) end(r *record) error {
	now := q.clock.Now()
	if err := q.store.endTask(r.name, now); err != nil {
		return err
	}
	q.takeOut(r, now)
	return nil
}

func (q *queue) takeOut(r *record, now time.Time) {
	delete(q.tasks, r.name.ID)
	q.plan.Remove(r.name.ID)
	q.used.add(r.name.ID, now)
}
