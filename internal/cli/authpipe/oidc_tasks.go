package authpipe

import (
	"context"
	"fmt"
	"strconv"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/queues"
	"github.com/authcall/authcall/internal/sender/rights"
	"github.com/authcall/authcall/internal/sender/terraform"
)

const tasksHelp = `Cloud Tasks has queues, which say how fast and how often calls are tried, and tasks in
them, each of which is one call with a token. So create, update and terraform are about a
queue, run puts a task into it, and list, get and delete are about queues, or about tasks
where a queue and a task are named. A task cannot be changed: delete it and run another.`

const tasksCreateHelp = `Makes a queue. The calls are said with run; where --url and --service-account are given
here, the rights that those calls will take are looked at already.`

const tasksExample = `  authpipe oidc tasks create work --max-dispatches-per-second 5 --max-attempts 10
  authpipe oidc tasks create work --url https://hello-123456.us-central1.run.app/ \
    --service-account caller@my-project.iam.gserviceaccount.com --target cloudrun:hello --apply`

func newOIDCTasks(f *factory) *cobra.Command {
	k := tasksKind()
	group := newGroup("tasks", "Cloud Tasks: call one by one from a queue",
		k.newSetUp(f, new(queueFlags), false, tasksCreateHelp, tasksExample), newOIDCTasksList(f, k), newOIDCTasksGet(f, k), newOIDCTasksRun(f, k),
		k.newSetUp(f, new(queueFlags), true, "Changes what its flags name; all else stays as it is.", "  authpipe oidc tasks update work --max-attempts 5"),
		newOIDCTasksDelete(f, k))
	group.Long = tasksHelp
	return group
}

func tasksKind() *oidcKind[*cloudtaskspb.Queue] {
	return &oidcKind[*cloudtaskspb.Queue]{
		command: "tasks", noun: "queue", api: rights.Tasks(), admin: "roles/cloudtasks.admin", kind: queues.Kind(), regional: true,
		blank:  func(name string) *cloudtaskspb.Queue { return &cloudtaskspb.Queue{Name: name} },
		name:   func(t target, id string) string { return t.parent() + "/queues/" + id },
		parent: target.parent,
		open: func(ctx context.Context, f *factory) (oidcClient[*cloudtaskspb.Queue], error) {
			return openQueues(ctx, f)
		},
		columns: func(q *cloudtaskspb.Queue) []string {
			return []string{
				stateWord(q.GetState().String()),
				strconv.FormatFloat(q.GetRateLimits().GetMaxDispatchesPerSecond(), 'g', -1, 64) + "/s",
				fmt.Sprintf("%d attempts", q.GetRetryConfig().GetMaxAttempts()),
			}
		},
		list:  func(all []*cloudtaskspb.Queue) proto.Message { return &cloudtaskspb.ListQueuesResponse{Queues: all} },
		write: func(file *terraform.File, q *cloudtaskspb.Queue, region string) { file.Queue(q, region) },
	}
}

func openQueues(ctx context.Context, f *factory) (*queues.Client, error) {
	c, err := f.connection(ctx, "AUTHPIPE_TASKS_ENDPOINT", f.oidc.tasks, queues.Address)
	if err != nil {
		return nil, err
	}
	return queues.NewClient(ctx, c)
}

// queueFlags say what a queue is like, and perhaps what its tasks will send.
type queueFlags struct {
	queues.Settings
	call callFlags
	// future is the call of tasks to come, empty where none is told.
	future sender.Call
}

func (q *queueFlags) register(flags *pflag.FlagSet) {
	optionalRate(flags, &q.MaxDispatchesPerSecond, "max-dispatches-per-second", "`NUMBER` of calls a second (default: 500)")
	optionalNumber(flags, &q.MaxConcurrentDispatches, "max-concurrent-dispatches", "`NUMBER` of calls at once (default: 1000)")
	optionalNumber(flags, &q.MaxAttempts, "max-attempts", "`NUMBER` of attempts of a task, the first included, -1 for without end (default: 100)")
	optionalDuration(flags, &q.MaxRetryDuration, "max-retry-duration", "`DURATION` of all attempts together (default: no bound)")
	optionalDuration(flags, &q.MinBackoff, "min-backoff", "shortest `WAIT` before a retry (default: 100ms)")
	optionalDuration(flags, &q.MaxBackoff, "max-backoff", "longest `WAIT` before a retry (default: 1h)")
	optionalNumber(flags, &q.MaxDoublings, "max-doublings", "`NUMBER` of times that the wait doubles (default: 16)")
	optionalText(flags, &q.call.settings.URL, "url", "`URL` that tasks will call, for its rights to be looked at")
	q.call.registerToken(flags)
}

func (q *queueFlags) prepare(_ context.Context, _ *factory, _ target, gen1 bool) error {
	given := q.call.settings
	given.Function = gen1
	if given.URL == nil && given.ServiceAccount == nil && given.Audience == nil {
		return nil
	}
	var err error
	if q.future, err = given.Apply(sender.Call{}); err != nil {
		return usageErrorf("%w", err)
	}
	return nil
}

func (q *queueFlags) calls(*cloudtaskspb.Queue) sender.Call { return q.future }
func (q *queueFlags) runAs() string                         { return "" }
