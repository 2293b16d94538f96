package tasks

import (
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// record is a task of a queue, and what is known of its attempts beside what the
// API shows. The queue's lock guards it.
type record struct {
	name resource.Task
	// task is nil where the task has ended.
	task *cloudtaskspb.Task
	// ended is when it did.
	ended time.Time
	// executions are the attempts that the target answered, other than with a 5xx.
	executions int
	// previous is the status of the last attempt.
	previous int
	// running are the attempts under way.
	running int
}

// show is a copy of the task for a caller: without its body where not all is asked
// for.
func (r *record) show(view cloudtaskspb.Task_View) *cloudtaskspb.Task {
	if view != cloudtaskspb.Task_FULL {
		view = cloudtaskspb.Task_BASIC
	}
	body := r.task.GetHttpRequest().GetBody()
	if view == cloudtaskspb.Task_BASIC { // large bodies need no copy
		r.task.GetHttpRequest().Body = nil
	}
	shown := proto.CloneOf(r.task)
	r.task.GetHttpRequest().Body = body
	shown.View = view
	return shown
}

// retention is how long a task lives, whether it was sent or not.
const retention = 31 * 24 * time.Hour

func (r *record) outlived(now time.Time) bool {
	return now.Sub(r.task.GetCreateTime().AsTime()) >= retention
}
