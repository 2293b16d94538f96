package tasks

import (
	"context"
	"sync"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/clock"
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
		return nil, errNoQueue
	}
	config := proto.CloneOf(q.config)
	if err := alter(config); err != nil {
		return nil, err
	}
	if err := q.store.saveQueue(q.name, config); err != nil {
		return nil, internal(err)
	}
	q.config = config
	q.plan.SetLimits(resource.Limits(config), q.clock.Now())
	q.plan.SetPaused(config.GetState() != cloudtaskspb.Queue_RUNNING)
	q.wake()
	return proto.CloneOf(config), nil
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
