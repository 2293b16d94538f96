package authpipe

import (
	"cmp"
	"context"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/cronjobs"
	"github.com/authcall/authcall/internal/sender/rights"
	"github.com/authcall/authcall/internal/sender/terraform"
)

const schedulerHelp = `A job makes one call at each of its times. A URL of one of Google's APIs gets an access
token, any other one an ID token.

With --pipeline the call starts a pipeline: at the Vertex AI API, with the compiled spec,
the parameters and the account to run as in the body, or, with --via-receiver, at an
authpipe serve, with the parameters alone in the body.`

const schedulerExample = `  authpipe oidc scheduler create nightly --schedule '0 3 * * *' --time-zone Europe/Berlin \
    --url https://hello-123456.us-central1.run.app/refresh --body '{"full": true}' \
    --service-account caller@my-project.iam.gserviceaccount.com --target cloudrun:hello
  authpipe oidc scheduler create weekly --schedule '0 3 * * 1' --pipeline pipeline.yaml -p date=today \
    --service-account caller@my-project.iam.gserviceaccount.com --pipeline-root gs://my-bucket/runs \
    --pipeline-account pipeline@my-project.iam.gserviceaccount.com
  authpipe oidc scheduler create nightly … --diff
  authpipe oidc scheduler create nightly … --terraform > nightly.tf`

const schedulerUpdateExample = `  authpipe oidc scheduler update nightly --schedule '0 4 * * *' --diff
  authpipe oidc scheduler update nightly --schedule '0 4 * * *'`

func newOIDCScheduler(f *factory) *cobra.Command {
	k := schedulerKind()
	return newGroup("scheduler", "Cloud Scheduler: call at given times",
		k.newSetUp(f, new(jobFlags), false, schedulerHelp, schedulerExample), k.newList(f), k.newGet(f), newOIDCSchedulerRun(f, k),
		k.newSetUp(f, new(jobFlags), true, "Changes what its flags name; all else stays as it is.", schedulerUpdateExample), k.newDelete(f))
}

func schedulerKind() *oidcKind[*schedulerpb.Job] {
	return &oidcKind[*schedulerpb.Job]{
		command: "scheduler", noun: "job", api: rights.Scheduler(), admin: "roles/cloudscheduler.admin", kind: cronjobs.Kind(), regional: true,
		blank:  func(name string) *schedulerpb.Job { return &schedulerpb.Job{Name: name} },
		name:   func(t target, id string) string { return t.parent() + "/jobs/" + id },
		parent: target.parent,
		open: func(ctx context.Context, f *factory) (oidcClient[*schedulerpb.Job], error) {
			return openJobs(ctx, f)
		},
		columns: func(j *schedulerpb.Job) []string {
			return []string{stateWord(j.GetState().String()), j.GetSchedule(), cmp.Or(j.GetTimeZone(), "UTC"), j.GetHttpTarget().GetUri(), lastCall(j)}
		},
		list: func(all []*schedulerpb.Job) proto.Message { return &schedulerpb.ListJobsResponse{Jobs: all} },
		write: func(file *terraform.File, j *schedulerpb.Job, region string) {
			file.Job(j, region)
		},
	}
}

// lastCall tells of a job's last attempt.
func lastCall(j *schedulerpb.Job) string {
	at := j.GetLastAttemptTime().AsTime().Format(time.RFC3339)
	switch {
	case j.GetLastAttemptTime() == nil:
		return "not called yet"
	case j.GetStatus() == nil:
		return "called " + at
	case j.GetStatus().GetCode() == 0:
		return "taken " + at
	default:
		return "failed " + at + ": " + code.Code(j.GetStatus().GetCode()).String()
	}
}

func openJobs(ctx context.Context, f *factory) (*cronjobs.Client, error) {
	c, err := f.connection(ctx, "AUTHPIPE_SCHEDULER_ENDPOINT", f.oidc.scheduler, cronjobs.Address)
	if err != nil {
		return nil, err
	}
	return cronjobs.NewClient(ctx, c)
}

// jobFlags say what a job is like.
type jobFlags struct {
	cronjobs.Settings
	call     callFlags
	pipeline pipelineFlags
}

func (j *jobFlags) register(flags *pflag.FlagSet) {
	optionalText(flags, &j.Schedule, "schedule", "`TIMES` in the format of cron, or as in 'every 5 minutes'")
	optionalText(flags, &j.TimeZone, "time-zone", "`ZONE` of the schedule, as in Europe/Berlin (default: UTC)")
	optionalText(flags, &j.Description, "description", "`TEXT` for people")
	j.call.register(flags)
	j.pipeline.register(flags)
	optionalDuration(flags, &j.AttemptDeadline, "attempt-deadline", "`DURATION` that the target may take to answer, 15s to 30m (default: 3m)")
	optionalNumber(flags, &j.MaxRetries, "max-retries", "`NUMBER` of retries of a failed call, 0 to 5 (default: 0)")
	optionalDuration(flags, &j.MaxRetryDuration, "max-retry-duration", "`DURATION` of all attempts together (default: no bound)")
	optionalDuration(flags, &j.MinBackoff, "min-backoff", "shortest `WAIT` before a retry (default: 5s)")
	optionalDuration(flags, &j.MaxBackoff, "max-backoff", "longest `WAIT` before a retry (default: 1h)")
	optionalNumber(flags, &j.MaxDoublings, "max-doublings", "`NUMBER` of times that the wait doubles (default: 5)")
}

func (j *jobFlags) prepare(ctx context.Context, f *factory, t target, gen1 bool) error {
	j.call.settings.Function = gen1
	if err := j.call.prepare(f.stdin); err != nil {
		return err
	}
	if err := j.pipeline.apply(ctx, f, t, &j.call.settings); err != nil {
		return err
	}
	j.Call = j.call.settings
	return nil
}

// Apply changes a job; where it gets too large it says what to do.
func (j *jobFlags) Apply(to *schedulerpb.Job) (*schedulerpb.Job, error) {
	job, err := j.Settings.Apply(to)
	if is[*cronjobs.SizeError](err) && j.pipeline.direct() {
		return nil, withCure(err, "run `authpipe serve`, which holds the pipeline, and name it with --via-receiver")
	}
	if is[*cronjobs.SizeError](err) {
		return nil, withCure(err, "put the data into Cloud Storage and send its gs:// URI")
	}
	return job, err
}

func (j *jobFlags) calls(job *schedulerpb.Job) sender.Call { return cronjobs.CallOf(job) }

func (j *jobFlags) runAs() string { return j.pipeline.ranAs }
