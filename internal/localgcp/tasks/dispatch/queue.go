package dispatch

import (
	"container/heap"
	"time"
)

// Limits are those of a queue.
type Limits struct {
	// Rate is how many dispatches a second are allowed over time.
	Rate float64
	// Burst is how many may go at once after a rest.
	Burst int
	// Concurrent is how many may be under way.
	Concurrent int
}

// Queue holds the tasks that wait. It is not safe for concurrent use.
type Queue struct {
	limits   Limits
	bucket   bucket
	throttle throttle
	paused   bool
	underWay int
	waiting  waiting
	byID     map[string]*entry
	added    int
}

// New returns an empty queue that has rested.
func New(l Limits, now time.Time) *Queue {
	return &Queue{limits: l, bucket: newBucket(l.Rate, l.Burst, now), byID: map[string]*entry{}}
}

// SetLimits changes the limits from now on.
func (q *Queue) SetLimits(l Limits, now time.Time) {
	q.limits = l
	q.bucket.resize(l.Rate, l.Burst, now)
}

// SetPaused stops the queue or lets it go on.
func (q *Queue) SetPaused(paused bool) { q.paused = paused }

// Put makes a task wait until its time; a task that waits already gets the new time.
func (q *Queue) Put(id string, at time.Time) {
	q.Remove(id)
	q.added++
	e := &entry{id: id, at: at, order: q.added}
	q.byID[id] = e
	heap.Push(&q.waiting, e)
}

// Remove lets a task wait no longer; it need not wait.
func (q *Queue) Remove(id string) {
	if e, ok := q.byID[id]; ok {
		heap.Remove(&q.waiting, e.index)
		delete(q.byID, id)
	}
}

// Take takes the task that is to go now, if there is one. It counts as under way
// until Done.
func (q *Queue) Take(now time.Time) (id string, ok bool) {
	if q.blocked() || q.waiting[0].at.After(now) || !q.bucket.take(now) {
		return "", false
	}
	id = q.waiting[0].id
	q.Remove(id)
	q.underWay++
	return id, true
}

// Done ends what Take began.
func (q *Queue) Done() { q.underWay-- }

// Wake is when Take gives a task again; ok is false where no time alone makes it so.
func (q *Queue) Wake() (at time.Time, ok bool) {
	if q.blocked() {
		return time.Time{}, false
	}
	at = q.waiting[0].at
	if ready := q.bucket.ready(); ready.After(at) {
		at = ready
	}
	return at, true
}

func (q *Queue) blocked() bool {
	return q.paused || len(q.waiting) == 0 || q.underWay >= q.limits.Concurrent
}

// Refused slows the queue down, for its target asks for fewer requests.
func (q *Queue) Refused(now time.Time) { q.bucket.setPace(q.throttle.refused(now), now) }

// Succeeded lets a queue that was slowed down come back to its rate.
func (q *Queue) Succeeded(now time.Time) {
	if q.bucket.pace < 1 {
		q.bucket.setPace(q.throttle.succeeded(now), now)
	}
}
