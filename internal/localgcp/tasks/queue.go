package tasks

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/tasks/dispatch"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// parts are what all queues share.
type parts struct {
	clock  *clock.Clock
	store  store
	sender *sender
	log    zerolog.Logger
}

// queue is a queue with its tasks. What leaves it is a copy.
type queue struct {
	parts

	name resource.Queue
	stop context.CancelFunc // ends its loop

	mu      sync.Mutex
	config  *cloudtaskspb.Queue
	policy  iam.Policy         // as it is kept
	tasks   map[string]*record // by id
	used    usedNames
	plan    *dispatch.Queue
	wake    context.CancelFunc // ends the loop's rest
	deleted bool
}

func newQueue(name resource.Queue, config *cloudtaskspb.Queue, p parts) *queue {
	q := &queue{
		parts: p, name: name, config: config, tasks: map[string]*record{},
		plan: dispatch.New(resource.Limits(config), p.clock.Now()), wake: func() {}, stop: func() {},
	}
	q.plan.SetPaused(config.GetState() != cloudtaskspb.Queue_RUNNING)
	return q
}

// restore takes in a task that was kept.
func (q *queue) restore(r *record) {
	if r.task == nil {
		q.used.add(r.name.ID, r.ended)
		return
	}
	q.tasks[r.name.ID] = r
	q.plan.Put(r.name.ID, r.task.GetScheduleTime().AsTime())
}

// snapshot is the queue as callers see it.
func (q *queue) snapshot() *cloudtaskspb.Queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	return proto.CloneOf(q.config)
}

// change alters what the queue is, unless it cannot be kept so.
func (q *queue) change(alter func(config *cloudtaskspb.Queue) error) (*cloudtaskspb.Queue, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.deleted {
		return nil, noQueue("")
	}
	config := proto.CloneOf(q.config)
	if err := alter(config); err != nil {
		return nil, err
	}
	if err := q.store.saveQueue(q.name, config, q.policy); err != nil {
		return nil, internal(err)
	}
	q.config = config
	q.plan.SetLimits(resource.Limits(config), q.clock.Now())
	q.plan.SetPaused(config.GetState() != cloudtaskspb.Queue_RUNNING)
	q.wake()
	return proto.CloneOf(config), nil
}

// keepPolicy keeps the queue's policy with it.
func (q *queue) keepPolicy(p iam.Policy) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.deleted {
		return noQueue("")
	}
	if err := q.store.saveQueue(q.name, q.config, p); err != nil {
		return internal(err)
	}
	q.policy = p
	return nil
}

// add takes a new task in, and shows it.
func (q *queue) add(r *record, view cloudtaskspb.Task_View) (*cloudtaskspb.Task, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Now()
	q.forget(now)
	switch {
	case q.deleted:
		return nil, noQueue("")
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

// close ends the queue for good.
func (q *queue) close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.store.removeQueue(q.name, q.clock.Now()); err != nil {
		return internal(err)
	}
	q.deleted = true
	clear(q.tasks)
	q.stop()
	return nil
}
