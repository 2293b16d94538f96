package tasks

import (
	"context"
	"errors"
	"net/http"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
	"github.com/authcall/authcall/internal/localgcp/tasks/target"
)

// serve sends the tasks as their times come, until the context ends.
func (q *queue) serve(ctx context.Context) {
	for ctx.Err() == nil {
		q.sendDue()
		q.rest(ctx)
	}
}

// sendDue sends what the plan lets go.
func (q *queue) sendDue() {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Now()
	for !q.deleted {
		id, ok := q.plan.Take(now)
		if !ok {
			return
		}
		r := q.tasks[id]
		if r.outlived(now) {
			q.plan.Done()
			q.drop(r)
			continue
		}
		q.attempt(r, q.plan.Done)
	}
}

// rest waits for the time of the next task, or for a change.
func (q *queue) rest(ctx context.Context) {
	ctx, wake := context.WithCancel(ctx)
	defer wake()
	q.mu.Lock()
	q.wake = wake
	at, timed := q.plan.Wake()
	q.mu.Unlock()
	if timed {
		_ = q.clock.Wait(ctx, at) // serve sees why it ended
		return
	}
	<-ctx.Done()
}

// attempt sends a task, under the lock; done is called when it is over.
func (q *queue) attempt(r *record, done func()) {
	now := timestamppb.New(q.clock.Now().Truncate(time.Microsecond))
	request, err := target.Request(q.config.GetHttpTarget(), r.task, target.Attempt{
		Task: r.name, Retries: int(r.task.GetDispatchCount()), Executions: r.executions, Previous: r.previous,
		Scheduled: r.task.GetScheduleTime().AsTime(),
	})
	a := &cloudtaskspb.Attempt{ScheduleTime: r.task.GetScheduleTime(), DispatchTime: now}
	if r.task.GetFirstAttempt() == nil {
		r.task.FirstAttempt = &cloudtaskspb.Attempt{DispatchTime: now}
	}
	r.task.LastAttempt = a
	r.task.DispatchCount++
	r.running++
	conclude := func(result delivery.Result) { q.conclude(r, a, result, done) }
	if err != nil {
		q.sender.spawn(func() { conclude(delivery.Result{Err: err}) })
		return
	}
	q.sender.send(request, conclude)
}

// conclude takes in what became of an attempt.
func (q *queue) conclude(r *record, a *cloudtaskspb.Attempt, result delivery.Result, done func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	done()
	r.running--
	defer func() { q.wake() }()
	if q.tasks[r.name.ID] != r || errors.Is(result.Err, errStopped) {
		return
	}
	now := q.clock.Now()
	if result.OK() {
		q.plan.Succeeded(now)
		q.drop(r)
		return
	}
	var retryAfter time.Duration
	if result.Status == http.StatusTooManyRequests || result.Status == http.StatusServiceUnavailable {
		retryAfter = result.RetryAfter
		q.plan.Refused(now)
	}
	a.ResponseTime = timestamppb.New(now.Truncate(time.Microsecond))
	a.ResponseStatus = statusOf(result)
	r.count(result)
	q.again(r, retryAfter, now)
}

// again lets a task that has failed wait for its next attempt, or gives it up.
func (q *queue) again(r *record, retryAfter time.Duration, now time.Time) {
	retry := resource.Retry(q.config, r.task)
	attempts := int(r.task.GetDispatchCount())
	if retry.Exhausted(attempts, now.Sub(r.task.GetFirstAttempt().GetDispatchTime().AsTime())) {
		q.log.Warn().Stringer("task", r.name).Int("attempts", attempts).Str("last", r.task.GetLastAttempt().GetResponseStatus().GetMessage()).
			Msg("a task is given up")
		q.drop(r)
		return
	}
	next := now.Add(max(retry.Backoff(attempts), retryAfter)).Truncate(time.Microsecond)
	r.task.ScheduleTime = timestamppb.New(next)
	if err := q.store.saveTask(r); err != nil {
		q.log.Error().Err(err).Msg("an attempt is not kept")
	}
	if r.running == 0 {
		q.plan.Put(r.name.ID, next)
	}
}

// drop ends a task that no caller waits for.
func (q *queue) drop(r *record) {
	if err := q.end(r); err != nil {
		q.log.Error().Err(err).Msg("a task is not ended on disk: it will be sent again after a restart")
		q.takeOut(r, q.clock.Now())
	}
}

// runNow sends a task whatever the plan says, and shows it.
func (q *queue) runNow(id string, view cloudtaskspb.Task_View) (*cloudtaskspb.Task, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.find(id)
	if err != nil {
		return nil, err
	}
	q.plan.Remove(id)
	q.attempt(r, func() {})
	return r.show(view), nil
}
