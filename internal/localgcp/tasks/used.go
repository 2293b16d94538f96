package tasks

import (
	"cmp"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// nameRest is how long the name of a task that has ended is not free.
	nameRest = time.Hour
	// queueRest is how long the name of a queue that was deleted is not free.
	queueRest = 3 * 24 * time.Hour
)

// usedNames are the ids of tasks that have ended lately.
type usedNames struct {
	ended map[string]time.Time
	order []string // by the time that they ended, once sorted
	mixed bool     // order is not sorted
}

func (u *usedNames) add(id string, at time.Time) {
	if u.ended == nil {
		u.ended = map[string]time.Time{}
	}
	if n := len(u.order); n > 0 && at.Before(u.ended[u.order[n-1]]) {
		u.mixed = true
	}
	u.ended[id] = at
	u.order = append(u.order, id)
}

func (u *usedNames) has(id string) bool { _, ok := u.ended[id]; return ok }

// expire takes out those that ended up to a time.
func (u *usedNames) expire(until time.Time) []string {
	if u.mixed {
		slices.SortStableFunc(u.order, func(a, b string) int { return cmp.Compare(u.ended[a].UnixNano(), u.ended[b].UnixNano()) })
		u.mixed = false
	}
	n := slices.IndexFunc(u.order, func(id string) bool { return u.ended[id].After(until) })
	if n < 0 {
		n = len(u.order)
	}
	expired := slices.Clone(u.order[:n])
	u.order = u.order[n:]
	for _, id := range expired {
		delete(u.ended, id)
	}
	return expired
}

// What the API says of queues and tasks by their names.
var (
	errNoQueue    = status.Error(codes.NotFound, "Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.")
	errTaskExists = status.Error(codes.AlreadyExists, "Requested entity already exists")
	errNameUsed   = status.Error(codes.AlreadyExists, "The task cannot be created because a task with this name existed too recently. "+
		"For more information about task de-duplication see "+
		"https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks/create#body.request_body.FIELDS.task.")
	errNoTask    = status.Error(codes.NotFound, "Requested entity was not found.")
	errTaskEnded = status.Error(codes.NotFound, "The task no longer exists, though a task with this name existed recently. The task either successfully completed or was deleted.")
)
