package tasks_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/rpc"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
	"github.com/authcall/authcall/internal/localgcp/tasks"
)

const (
	location  = "projects/local-project/locations/us-central1"
	queueName = location + "/queues/my-queue"

	admin    = "admin@example.com"
	enqueuer = "enqueuer@local-project.iam.gserviceaccount.com"
	stranger = "stranger@local-project.iam.gserviceaccount.com"
	robot    = "robot@local-project.iam.gserviceaccount.com"
	foreign  = "robot@other-project.iam.gserviceaccount.com"
)

// attempt is a request that was made, and when.
type attempt struct {
	delivery.Request

	at time.Time
}

// targets answer the requests of tasks.
type targets struct {
	answer func(n int, r delivery.Request) delivery.Result // n from 0 on
	hold   chan struct{}                                   // a request ends when this is closed, or its context

	mu   sync.Mutex
	made []attempt
}

func (t *targets) Deliver(ctx context.Context, _ delivery.Minter, r delivery.Request) delivery.Result {
	t.mu.Lock()
	n := len(t.made)
	t.made = append(t.made, attempt{r, time.Now()})
	t.mu.Unlock()
	if t.hold != nil {
		select {
		case <-t.hold:
		case <-ctx.Done():
			return delivery.Result{Err: context.Cause(ctx)}
		}
	}
	if t.answer == nil {
		return delivery.Result{Status: http.StatusOK}
	}
	return t.answer(n, r)
}

func (t *targets) attempts() []attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.made
}

// world is a server in a bubble of synctest, where time goes on as soon as nothing
// else does.
type world struct {
	*tasks.Server
	*targets

	directory *iam.Directory
	clock     *clock.Clock
	dir       string
}

func newWorld(t *testing.T, target *targets) *world {
	t.Helper()
	d, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: enqueuer}, {Email: stranger}, {Email: robot}, {Email: foreign}},
		Users:    []string{admin},
		Bindings: []iam.Binding{
			{Role: "roles/cloudtasks.admin", Members: []string{"user:" + admin}, Resource: "projects/local-project"},
			{Role: "roles/iam.serviceAccountUser", Members: []string{"user:" + admin}, Resource: "projects/local-project"},
			{Role: "roles/cloudtasks.enqueuer", Members: []string{"serviceAccount:" + enqueuer}, Resource: "projects/local-project"},
		},
		Secret: []byte(strings.Repeat("s", 32)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{targets: target, directory: d, clock: clock.New(0), dir: t.TempDir()}
	w.start(t)
	t.Cleanup(func() { w.Close() })
	return w
}

func (w *world) start(t *testing.T) {
	t.Helper()
	server, err := tasks.New(tasks.Options{
		Dir: w.dir, Clock: w.clock, Policy: w.directory, Deliver: w.targets,
		Agent:   serviceagent.New(serviceagent.Options{Name: serviceagent.Tasks, Number: "123", Directory: w.directory}),
		Project: "local-project", Number: "123", Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Server = server
}

// restart is another server over what the first kept.
func (w *world) restart(t *testing.T) {
	t.Helper()
	w.Close()
	w.start(t)
}

// as is the context of a call by an account or a user.
func (w *world) as(t *testing.T, email string) context.Context {
	t.Helper()
	p, ok := w.directory.Lookup(email)
	if !ok {
		t.Fatalf("no %s", email)
	}
	return rpc.WithCaller(t.Context(), p)
}

// queue makes one.
func (w *world) queue(t *testing.T, q *cloudtaskspb.Queue) *cloudtaskspb.Queue {
	t.Helper()
	if q.GetName() == "" {
		q.Name = queueName
	}
	made, err := w.CreateQueue(w.as(t, admin), &cloudtaskspb.CreateQueueRequest{Parent: location, Queue: q})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// task makes one that has a name where id is not empty.
func (w *world) task(t *testing.T, id string, alter ...func(*cloudtaskspb.Task)) *cloudtaskspb.Task {
	t.Helper()
	made, err := w.tryTask(t, id, alter...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (w *world) tryTask(t *testing.T, id string, alter ...func(*cloudtaskspb.Task)) (*cloudtaskspb.Task, error) {
	t.Helper()
	task := &cloudtaskspb.Task{MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{
		Url: "https://target.example/" + id, Body: []byte("body"),
	}}}
	if id != "" {
		task.Name = taskName(id)
	}
	for _, a := range alter {
		a(task)
	}
	return w.CreateTask(w.as(t, admin), &cloudtaskspb.CreateTaskRequest{Parent: queueName, Task: task})
}

func taskName(id string) string { return queueName + "/tasks/" + id }

// get shows a task in full.
func (w *world) get(t *testing.T, id string) (*cloudtaskspb.Task, error) {
	t.Helper()
	return w.GetTask(w.as(t, admin), &cloudtaskspb.GetTaskRequest{Name: taskName(id), ResponseView: cloudtaskspb.Task_FULL})
}

// inBubble runs a test where time is not the machine's.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

// settle lets all that can happen without time going on happen.
func settle() { synctest.Wait() }

// failing answers so many times with a status, and then with success.
func failing(times, code int) func(int, delivery.Request) delivery.Result {
	return func(n int, _ delivery.Request) delivery.Result {
		if n < times {
			return delivery.Result{Status: code}
		}
		return delivery.Result{Status: http.StatusOK}
	}
}

func wantCode(t *testing.T, what string, err error, code codes.Code, message string) {
	t.Helper()
	if s := status.Convert(err); s.Code() != code || !strings.Contains(s.Message(), message) {
		t.Errorf("%s: got %v, want %s with %q", what, err, code, message)
	}
}

// pause lets time go on, which takes none.
func pause(d time.Duration) { time.Sleep(d) }
