package tasks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const noQueue = "Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize."

func TestAQueueIsMadeWithDefaults(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		made := w.queue(t, &cloudtaskspb.Queue{State: cloudtaskspb.Queue_PAUSED, PurgeTime: timestamppb.Now()})
		want := &cloudtaskspb.Queue{
			Name: queueName, State: cloudtaskspb.Queue_RUNNING,
			RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: 500, MaxBurstSize: 100, MaxConcurrentDispatches: 1000},
			RetryConfig: &cloudtaskspb.RetryConfig{
				MaxAttempts: 100, MaxDoublings: 16, MinBackoff: durationpb.New(100 * time.Millisecond), MaxBackoff: durationpb.New(time.Hour),
			},
		}
		if diff := cmp.Diff(want, made, protocmp.Transform()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		got, err := w.GetQueue(w.as(t, admin), &cloudtaskspb.GetQueueRequest{Name: strings.Replace(queueName, "local-project", "123", 1)})
		if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("by the project's number: %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestCreateQueueRefuses(t *testing.T) {
	tests := []struct {
		name, who string
		request   *cloudtaskspb.CreateQueueRequest
		code      codes.Code
		message   string
	}{
		{"parent", admin, &cloudtaskspb.CreateQueueRequest{Parent: "nowhere"}, codes.InvalidArgument, "Invalid resource field value in the request."},
		{"no queue", admin, &cloudtaskspb.CreateQueueRequest{Parent: location}, codes.InvalidArgument, "Queue name must be formatted:"},
		{"other place", admin, &cloudtaskspb.CreateQueueRequest{Parent: location, Queue: &cloudtaskspb.Queue{Name: strings.Replace(queueName, "us-central1", "us-east1", 1)}},
			codes.InvalidArgument, "projects/local-project/locations/us-east1/queues/my-queue must begin with projects/local-project/locations/us-central1."},
		{"permission", enqueuer, &cloudtaskspb.CreateQueueRequest{Parent: location, Queue: &cloudtaskspb.Queue{Name: queueName}},
			codes.PermissionDenied, `The principal (user or service account) lacks IAM permission "cloudtasks.queues.create" for the resource "projects/local-project/locations/us-central1" (or the resource may not exist).`},
		{"other project", admin, &cloudtaskspb.CreateQueueRequest{Parent: "projects/other/locations/l", Queue: &cloudtaskspb.Queue{Name: "projects/other/locations/l/queues/q"}},
			codes.PermissionDenied, `"projects/other/locations/l"`},
		{"limits", admin, &cloudtaskspb.CreateQueueRequest{Parent: location, Queue: &cloudtaskspb.Queue{Name: queueName, RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: 501}}},
			codes.InvalidArgument, "RateLimits.maxDispatchesPerSecond must be less than or equal to 500."},
	}
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		for _, tt := range tests {
			_, err := w.CreateQueue(w.as(t, tt.who), tt.request)
			wantCode(t, tt.name, err, tt.code, tt.message)
		}
		w.queue(t, &cloudtaskspb.Queue{})
		_, err := w.CreateQueue(w.as(t, admin), &cloudtaskspb.CreateQueueRequest{Parent: location, Queue: &cloudtaskspb.Queue{Name: queueName}})
		wantCode(t, "again", err, codes.AlreadyExists, "Queue already exists")
	})
}

// A queue lets tasks act as an account, so whoever makes it must be let, too.
func TestAQueuesTokenNeedsTheRightToActAs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		queue := func(email string) *cloudtaskspb.Queue {
			return &cloudtaskspb.Queue{Name: queueName, HttpTarget: &cloudtaskspb.HttpTarget{AuthorizationHeader: &cloudtaskspb.HttpTarget_OidcToken{
				OidcToken: &cloudtaskspb.OidcToken{ServiceAccountEmail: email, Audience: "a"},
			}}}
		}
		_, err := w.CreateQueue(w.as(t, admin), &cloudtaskspb.CreateQueueRequest{Parent: location, Queue: queue("none@local-project.iam.gserviceaccount.com")})
		wantCode(t, "no account", err, codes.NotFound, "none@local-project.iam.gserviceaccount.com")
		w.queue(t, queue(robot))
		_, err = w.SetIamPolicy(w.as(t, admin), &iampb.SetIamPolicyRequest{Resource: queueName, Policy: &iampb.Policy{Bindings: []*iampb.Binding{
			{Role: "roles/cloudtasks.queueAdmin", Members: []string{"serviceAccount:" + stranger}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.UpdateQueue(w.as(t, stranger), &cloudtaskspb.UpdateQueueRequest{Queue: queue(robot)})
		wantCode(t, "without the right", err, codes.PermissionDenied, `lacks IAM permission "iam.serviceAccounts.actAs" for the resource "`+robot+`"`)
		w.task(t, "sent")
		settle()
		if made := w.attempts(); len(made) != 1 || made[0].Token == nil || made[0].Token.ServiceAccount != robot || made[0].Token.Audience != "a" {
			t.Errorf("got %v, want the queue's token", made)
		}
	})
}

func TestUpdateQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: 7}, RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: 3}})
		update := func(q *cloudtaskspb.Queue, paths ...string) (*cloudtaskspb.Queue, error) {
			q.Name = queueName
			return w.UpdateQueue(w.as(t, admin), &cloudtaskspb.UpdateQueueRequest{Queue: q, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		}
		got, err := update(&cloudtaskspb.Queue{RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: 100, MaxConcurrentDispatches: 1}}, "rate_limits.max_dispatches_per_second")
		if err != nil {
			t.Fatal(err)
		}
		if r := got.GetRateLimits(); r.GetMaxDispatchesPerSecond() != 100 || r.GetMaxConcurrentDispatches() != 1000 || r.GetMaxBurstSize() != 20 || got.GetRetryConfig().GetMaxAttempts() != 7 {
			t.Errorf("one field: got %v", got)
		}
		if got, err = update(&cloudtaskspb.Queue{}, "retry_config.max_attempts"); err != nil || got.GetRetryConfig().GetMaxAttempts() != 100 {
			t.Errorf("a field cleared: got %v, %v, want the default", got, err)
		}
		if got, err = update(&cloudtaskspb.Queue{State: cloudtaskspb.Queue_PAUSED, PurgeTime: timestamppb.Now()}, "state", "purge_time", "name"); err != nil ||
			got.GetState() != cloudtaskspb.Queue_RUNNING || got.GetPurgeTime() != nil || got.GetName() != queueName {
			t.Errorf("what is not for callers: got %v, %v, want it as it was", got, err)
		}
		if got, err = update(&cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: 2}}); err != nil ||
			got.GetRetryConfig().GetMaxAttempts() != 2 || got.GetRateLimits().GetMaxDispatchesPerSecond() != 500 {
			t.Errorf("without a mask: got %v, %v, want all of it replaced", got, err)
		}
		_, err = update(&cloudtaskspb.Queue{}, "retry_config.nothing")
		wantCode(t, "unknown field", err, codes.InvalidArgument, `RetryConfig has no field "nothing"`)
		_, err = update(&cloudtaskspb.Queue{RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: -5}}, "retry_config.max_attempts")
		wantCode(t, "bad value", err, codes.InvalidArgument, "RetryConfig.maxAttempts")
		if kept, err := w.GetQueue(w.as(t, admin), &cloudtaskspb.GetQueueRequest{Name: queueName}); err != nil || kept.GetRetryConfig().GetMaxAttempts() != 2 {
			t.Errorf("after refusals: got %v, %v, want nothing changed", kept, err)
		}
	})
}

func TestUpdateMakesAQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		got, err := w.UpdateQueue(w.as(t, admin), &cloudtaskspb.UpdateQueueRequest{Queue: &cloudtaskspb.Queue{Name: queueName}})
		if err != nil || got.GetState() != cloudtaskspb.Queue_RUNNING {
			t.Errorf("got %v, %v, want a new queue", got, err)
		}
	})
}

func TestNoQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		ctx := w.as(t, admin)
		calls := map[string]func() error{
			"get": func() error { _, err := w.GetQueue(ctx, &cloudtaskspb.GetQueueRequest{Name: queueName}); return err },
			"pause": func() error {
				_, err := w.PauseQueue(ctx, &cloudtaskspb.PauseQueueRequest{Name: queueName})
				return err
			},
			"resume": func() error {
				_, err := w.ResumeQueue(ctx, &cloudtaskspb.ResumeQueueRequest{Name: queueName})
				return err
			},
			"purge": func() error {
				_, err := w.PurgeQueue(ctx, &cloudtaskspb.PurgeQueueRequest{Name: queueName})
				return err
			},
			"list": func() error {
				_, err := w.ListTasks(ctx, &cloudtaskspb.ListTasksRequest{Parent: queueName})
				return err
			},
			"create": func() error { _, err := w.tryTask(t, "x"); return err },
			"policy": func() error {
				_, err := w.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: queueName})
				return err
			},
		}
		for name, call := range calls {
			wantCode(t, name, call(), codes.NotFound, noQueue)
		}
		_, err := w.DeleteQueue(ctx, &cloudtaskspb.DeleteQueueRequest{Name: queueName})
		wantCode(t, "delete", err, codes.NotFound, "Requested entity was not found.")
		_, err = w.get(t, "x")
		wantCode(t, "get task", err, codes.NotFound, "Requested entity was not found.")
	})
}

func TestPauseAndResume(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		paused, err := w.PauseQueue(w.as(t, admin), &cloudtaskspb.PauseQueueRequest{Name: queueName})
		if err != nil || paused.GetState() != cloudtaskspb.Queue_PAUSED {
			t.Fatalf("got %v, %v, want it paused", paused, err)
		}
		w.task(t, "waits")
		pause(time.Hour)
		if made := w.attempts(); len(made) != 0 {
			t.Errorf("got %v while paused", made)
		}
		resumed, err := w.ResumeQueue(w.as(t, admin), &cloudtaskspb.ResumeQueueRequest{Name: queueName})
		if err != nil || resumed.GetState() != cloudtaskspb.Queue_RUNNING {
			t.Fatalf("got %v, %v, want it running", resumed, err)
		}
		settle()
		if made := w.attempts(); len(made) != 1 {
			t.Errorf("got %v, want the task", made)
		}
	})
}

func TestPurge(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		later := func(task *cloudtaskspb.Task) { task.ScheduleTime = timestamppb.New(time.Now().Add(time.Hour)) }
		w.task(t, "a", later)
		w.task(t, "b", later)
		purged, err := w.PurgeQueue(w.as(t, admin), &cloudtaskspb.PurgeQueueRequest{Name: queueName})
		if err != nil || !purged.GetPurgeTime().AsTime().Equal(time.Now()) {
			t.Fatalf("got %v, %v, want the time of the purge", purged, err)
		}
		w.task(t, "c", later)
		pause(2 * time.Hour)
		if made := w.attempts(); len(made) != 1 || made[0].URL != "https://target.example/c" {
			t.Errorf("got %v, want what came after the purge alone", made)
		}
	})
}

func TestDeleteQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{answer: failing(1, http.StatusInternalServerError)})
		w.queue(t, &cloudtaskspb.Queue{})
		w.task(t, "a")
		settle()
		if _, err := w.DeleteQueue(w.as(t, admin), &cloudtaskspb.DeleteQueueRequest{Name: queueName}); err != nil {
			t.Fatal(err)
		}
		pause(time.Hour)
		if made := w.attempts(); len(made) != 1 {
			t.Errorf("got %v, want no attempt after the queue is deleted", made)
		}
		again := &cloudtaskspb.CreateQueueRequest{Parent: location, Queue: &cloudtaskspb.Queue{Name: queueName}}
		for range 2 { // it is known after a restart, too
			_, err := w.CreateQueue(w.as(t, admin), again)
			wantCode(t, "soon again", err, codes.FailedPrecondition, "The queue cannot be created because a queue with this name existed too recently.")
			_, err = w.GetQueue(w.as(t, admin), &cloudtaskspb.GetQueueRequest{Name: queueName})
			wantCode(t, "get", err, codes.NotFound, noQueue)
			w.restart(t)
		}
		pause(72 * time.Hour)
		w.queue(t, &cloudtaskspb.Queue{})
		if listed, err := w.ListTasks(w.as(t, admin), &cloudtaskspb.ListTasksRequest{Parent: queueName}); err != nil || len(listed.GetTasks()) != 0 {
			t.Errorf("got %v, %v, want an empty queue", listed, err)
		}
	})
}

func TestListQueues(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		for _, id := range []string{"b", "a", "c"} {
			w.queue(t, &cloudtaskspb.Queue{Name: location + "/queues/" + id})
		}
		if _, err := w.PauseQueue(w.as(t, admin), &cloudtaskspb.PauseQueueRequest{Name: location + "/queues/b"}); err != nil {
			t.Fatal(err)
		}
		list := func(r *cloudtaskspb.ListQueuesRequest) (names []string, next string) {
			r.Parent = location
			listed, err := w.ListQueues(w.as(t, admin), r)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range listed.GetQueues() {
				names = append(names, strings.TrimPrefix(q.GetName(), location+"/queues/"))
			}
			return names, listed.GetNextPageToken()
		}
		if names, next := list(&cloudtaskspb.ListQueuesRequest{}); !slices.Equal(names, []string{"a", "b", "c"}) || next != "" {
			t.Errorf("got %q, %q, want all in order", names, next)
		}
		names, next := list(&cloudtaskspb.ListQueuesRequest{PageSize: 2})
		if !slices.Equal(names, []string{"a", "b"}) || next == "" {
			t.Errorf("got %q, %q, want two and more", names, next)
		}
		if names, next = list(&cloudtaskspb.ListQueuesRequest{PageSize: 2, PageToken: next}); !slices.Equal(names, []string{"c"}) || next != "" {
			t.Errorf("got %q, %q, want the last", names, next)
		}
		if names, _ = list(&cloudtaskspb.ListQueuesRequest{Filter: "state: PAUSED"}); !slices.Equal(names, []string{"b"}) {
			t.Errorf("got %q, want what is paused", names)
		}
		_, err := w.ListQueues(w.as(t, admin), &cloudtaskspb.ListQueuesRequest{Parent: location, Filter: "what?"})
		wantCode(t, "filter", err, codes.InvalidArgument, "Invalid filter")
		_, err = w.ListQueues(w.as(t, admin), &cloudtaskspb.ListQueuesRequest{Parent: location, PageToken: "?"})
		wantCode(t, "token", err, codes.InvalidArgument, "Invalid page token")
	})
}

func TestPolicyOfAQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, &targets{})
		w.queue(t, &cloudtaskspb.Queue{})
		create := func() error {
			_, err := w.CreateTask(w.as(t, stranger), &cloudtaskspb.CreateTaskRequest{Parent: queueName, Task: &cloudtaskspb.Task{
				MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{Url: "http://a"}},
			}})
			return err
		}
		wantCode(t, "before", create(), codes.PermissionDenied, `lacks IAM permission "cloudtasks.tasks.create" for the resource "`+queueName+`"`)
		_, err := w.SetIamPolicy(w.as(t, admin), &iampb.SetIamPolicyRequest{Resource: queueName, Policy: &iampb.Policy{Bindings: []*iampb.Binding{
			{Role: "roles/cloudtasks.enqueuer", Members: []string{"serviceAccount:" + stranger}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := create(); err != nil {
			t.Error(err)
		}
		held, err := w.TestIamPermissions(w.as(t, stranger), &iampb.TestIamPermissionsRequest{Resource: queueName, Permissions: []string{"cloudtasks.tasks.create", "cloudtasks.tasks.delete"}})
		if err != nil || !slices.Equal(held.GetPermissions(), []string{"cloudtasks.tasks.create"}) {
			t.Errorf("got %v, %v, want the one permission", held, err)
		}
		if _, err := w.DeleteQueue(w.as(t, admin), &cloudtaskspb.DeleteQueueRequest{Name: queueName}); err != nil {
			t.Fatal(err)
		}
		pause(72 * time.Hour)
		w.queue(t, &cloudtaskspb.Queue{})
		wantCode(t, "with a new queue of the name", create(), codes.PermissionDenied, "cloudtasks.tasks.create")
	})
}
