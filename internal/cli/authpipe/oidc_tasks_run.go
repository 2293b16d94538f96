package authpipe

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/queues"
)

// taskOptions are those of a task to be.
type taskOptions struct {
	oidcOptions
	preflightOptions
	call callFlags
	// id makes it the only one of that name.
	id string
	// at is when it is sent, in RFC 3339, or a duration from now; empty means at once.
	at string
	// deadline is how long the target may take; 0 means the API's default.
	deadline time.Duration
}

const tasksRunExample = `  authpipe oidc tasks run work --url https://hello-123456.us-central1.run.app/ --body '{"n": 1}' \
    --service-account caller@my-project.iam.gserviceaccount.com
  authpipe oidc tasks run work … --schedule-time 2026-12-24T18:00:00+01:00 --task-name order-4711`

func newOIDCTasksRun(f *factory, k *oidcKind[*cloudtaskspb.Queue]) *cobra.Command {
	var o taskOptions
	cmd := &cobra.Command{
		Use:   "run QUEUE",
		Short: "Put a task into a queue: one call, now or later",
		Long: "Puts a task into a queue: one call with a token, sent at once or at --schedule-time. A second\n" +
			"task of one --task-name is refused (exit code 4), for hours after the first one's end, too.\n" +
			"It looks at the rights first, as create does. How the last call went is shown by\n" +
			"authpipe oidc tasks get QUEUE TASK, until the task is gone, as soon as it succeeded; all of\n" +
			"them are in Cloud Logging, where the queue logs.",
		Example: tasksRunExample,
		Args:    exactArgs("QUEUE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := o.oidcOptions.at(f.defaults, k.regional)
			if err != nil {
				return err
			}
			task, err := o.task(f, k.name(t, args[0]))
			if err != nil {
				return err
			}
			return k.with(cmd.Context(), f, t, func(s *oidcSession[*cloudtaskspb.Queue]) error {
				return enqueue(cmd.Context(), s, o, k.name(t, args[0]), task)
			})
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.call.register(flags)
	flags.StringVar(&o.at, "schedule-time", "", "`TIME` of the call, as in 2026-12-24T18:00:00Z, or 90m from now (default: now)")
	flags.StringVar(&o.id, "task-name", "", "`ID` of the task, of which there is one only (default: one that is made)")
	flags.DurationVar(&o.deadline, "dispatch-deadline", 0, "`DURATION` that the target may take to answer, 15s to 30m (default: 10m)")
	o.preflightOptions.register(flags)
	o.oidcOptions.register(flags, k.regional)
	return cmd
}

// task is what is to be put into the queue, checked.
func (o *taskOptions) task(f *factory, queue string) (*cloudtaskspb.Task, error) {
	o.call.settings.Function = o.isGen1()
	if err := o.call.prepare(f.stdin); err != nil {
		return nil, err
	}
	task := queues.Task{Queue: queue, ID: o.id, Call: o.call.settings, DispatchDeadline: o.deadline}
	var err error
	if task.ScheduleTime, err = o.due(f.now()); err != nil {
		return nil, err
	}
	m, err := task.Message()
	if err != nil {
		return nil, usageErrorf("%w", err)
	}
	return m, nil
}

// due is when the task is to be sent, zero for at once.
func (o *taskOptions) due(now time.Time) (time.Time, error) {
	if o.at == "" {
		return time.Time{}, nil
	}
	if wait, err := time.ParseDuration(o.at); err == nil && wait >= 0 {
		return now.Add(wait), nil
	}
	at, err := time.Parse(time.RFC3339, o.at)
	if err != nil {
		return time.Time{}, usageErrorf("--schedule-time %q: want a time as in 2026-12-24T18:00:00Z, or how long until then, as in 90m", o.at)
	}
	return at, nil
}

func enqueue(ctx context.Context, s *oidcSession[*cloudtaskspb.Queue], o taskOptions, queue string, task *cloudtaskspb.Task) error {
	client, err := tasksOf(s)
	if err != nil {
		return err
	}
	call := queues.CallOf(task)
	if err := o.checkTarget(call, s.target); err != nil {
		return err
	}
	_, err = client.Get(ctx, queue)
	if gapi.IsKind(err, gapi.NotFound) {
		return withCure(s.named(err), "authpipe oidc tasks create "+sender.ID(queue))
	}
	if err != nil && !isDisabled(err) && !gapi.IsKind(err, gapi.Permission) { // who may enqueue may not always look
		return err
	}
	for _, doubt := range call.Token.Doubts() {
		s.say("the audience %s %s", call.Token.Audience, doubt)
	}
	if _, err := s.preflight(ctx, o.preflightOptions, need{call: call, disabled: isDisabled(err)}); err != nil {
		return err
	}
	done, err := client.Enqueue(ctx, queue, task)
	if gapi.IsKind(err, gapi.Exists) {
		return withCure(s.named(err), "there is, or was in the last hours, a task of this name: give another --task-name, or none")
	}
	if err != nil {
		return err
	}
	s.say("enqueued %s, due %s", sender.ID(done.GetName()), done.GetScheduleTime().AsTime().Local().Format(time.DateTime))
	if o.output == jsonFormat {
		return printMessage(s.stdout, done)
	}
	return nil
}

// taskClient is what the commands about tasks need beside that about queues.
type taskClient interface {
	oidcClient[*cloudtaskspb.Queue]
	Enqueue(ctx context.Context, queue string, task *cloudtaskspb.Task) (*cloudtaskspb.Task, error)
	GetTask(ctx context.Context, name string) (*cloudtaskspb.Task, error)
	ListTasks(ctx context.Context, queue string, limit int) ([]*cloudtaskspb.Task, error)
	DeleteTask(ctx context.Context, name string) error
}

func tasksOf(s *oidcSession[*cloudtaskspb.Queue]) (taskClient, error) {
	client, ok := s.oidcClient.(taskClient)
	if !ok {
		return nil, fmt.Errorf("%T has no tasks", s.oidcClient)
	}
	return client, nil
}
