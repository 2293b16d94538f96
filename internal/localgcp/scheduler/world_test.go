package scheduler_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/rpc"
	"github.com/authcall/authcall/internal/localgcp/scheduler"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

const (
	location = "projects/local-project/locations/us-central1"
	jobName  = location + "/jobs/my-job"
	topic    = "projects/local-project/topics/my-topic"
	uri      = "https://hello.example.com/work?x=y"

	admin    = "admin@example.com"
	viewer   = "viewer@example.com"
	runner   = "runner@example.com"
	stranger = "stranger@example.com"
	robot    = "robot@local-project.iam.gserviceaccount.com"
	other    = "other@local-project.iam.gserviceaccount.com"
)

// attempt is a request that was made, and when.
type attempt struct {
	delivery.Request

	at time.Time
}

// targets answer the requests of jobs.
type targets struct {
	clock  *clock.Clock
	answer func(n int, r delivery.Request) delivery.Result // n from 0 on; nil answers 200
	takes  time.Duration                                   // how long the answer takes, by the clock

	mu        sync.Mutex
	made      []attempt
	cutOff    int
	published []string
}

func (t *targets) Deliver(ctx context.Context, _ delivery.Minter, r delivery.Request) delivery.Result {
	t.mu.Lock()
	n := len(t.made)
	t.made = append(t.made, attempt{r, t.clock.Now()})
	t.mu.Unlock()
	if err := t.clock.Wait(ctx, t.clock.Now().Add(t.takes)); err != nil {
		t.mu.Lock()
		t.cutOff++
		t.mu.Unlock()
		return delivery.Result{Err: err}
	}
	if t.answer == nil {
		return delivery.Result{Status: http.StatusOK}
	}
	return t.answer(n, r)
}

func (t *targets) Publish(_ context.Context, topic string, data []byte, attributes map[string]string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.published = append(t.published, topic+" "+string(data)+" "+attributes["a"])
	if strings.HasSuffix(topic, "gone") {
		return status.Error(codes.NotFound, "no topic")
	}
	return nil
}

func (t *targets) attempts() []attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.made
}

// after are the times of the attempts since a moment.
func (t *targets) after(start time.Time) []time.Duration {
	var all []time.Duration
	for _, a := range t.attempts() {
		all = append(all, a.at.Sub(start))
	}
	return all
}

// world is a service in a bubble of synctest, where time goes on as soon as nothing
// else does. It begins at midnight.
type world struct {
	*scheduler.Service
	*targets

	directory *iam.Directory
	dir       string
	log       *bytes.Buffer
}

func newWorld(t *testing.T, target *targets) *world {
	t.Helper()
	agent := serviceagent.Email(serviceagent.Scheduler, "123")
	bind := func(role string, members ...string) iam.Binding {
		return iam.Binding{Role: role, Members: members, Resource: "projects/local-project"}
	}
	d, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: robot}, {Email: other}, {Email: agent}},
		Users:    []string{admin, viewer, runner, stranger},
		Bindings: []iam.Binding{
			bind("roles/cloudscheduler.admin", "user:"+admin),
			bind("roles/cloudscheduler.viewer", "user:"+viewer),
			bind("roles/cloudscheduler.jobRunner", "user:"+runner),
			bind("roles/cloudscheduler.serviceAgent", "serviceAccount:"+agent),
			{Role: "roles/iam.serviceAccountUser", Members: []string{"user:" + admin}, Resource: iam.AccountResource("local-project", robot)},
		},
		Secret: bytes.Repeat([]byte("s"), 32),
	})
	if err != nil {
		t.Fatal(err)
	}
	if target.clock == nil {
		target.clock = clock.New(0)
	}
	w := &world{targets: target, directory: d, dir: t.TempDir(), log: &bytes.Buffer{}}
	w.start(t)
	t.Cleanup(func() { w.Close() })
	return w
}

func (w *world) start(t *testing.T) {
	t.Helper()
	service, err := scheduler.New(scheduler.Options{
		Dir: w.dir, Clock: w.targets.clock, Policy: w.directory, Deliver: w.targets, Publisher: w.targets,
		Agent: serviceagent.New(serviceagent.Options{Name: serviceagent.Scheduler, Number: "123", Directory: w.directory}),
		Log:   zerolog.New(w.log),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = service
}

// restart closes the service and starts another in its place.
func (w *world) restart(t *testing.T) {
	t.Helper()
	w.Close()
	w.start(t)
}

// as is a context of a call by somebody.
func (w *world) as(t *testing.T, email string) context.Context {
	t.Helper()
	p, ok := w.directory.Lookup(email)
	if !ok {
		t.Fatalf("there is no %s", email)
	}
	return rpc.WithCaller(t.Context(), p)
}

// newJob is a valid job that is due every hour.
func newJob(change ...func(*schedulerpb.Job)) *schedulerpb.Job {
	job := &schedulerpb.Job{
		Name: jobName, Schedule: "0 * * * *",
		Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{Uri: uri}},
	}
	for _, c := range change {
		c(job)
	}
	return job
}

func (w *world) create(t *testing.T, job *schedulerpb.Job) *schedulerpb.Job {
	t.Helper()
	made, err := w.CreateJob(w.as(t, admin), &schedulerpb.CreateJobRequest{Parent: location, Job: job})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (w *world) get(t *testing.T) *schedulerpb.Job {
	t.Helper()
	job, err := w.GetJob(w.as(t, admin), &schedulerpb.GetJobRequest{Name: jobName})
	if err != nil {
		t.Fatal(err)
	}
	return job
}
