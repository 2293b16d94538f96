package queues

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/sendertest"
)

const (
	parent  = "projects/p/locations/l"
	name    = parent + "/queues/work"
	account = "caller@p.iam.gserviceaccount.com"
	url     = "https://hello-1.us-central1.run.app/run"
)

func ptr[T any](v T) *T { return &v }

// shown is a queue as Cloud Tasks shows one that was made with no settings.
func shown() *cloudtaskspb.Queue {
	return &cloudtaskspb.Queue{
		Name: name, State: cloudtaskspb.Queue_RUNNING,
		RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: 500, MaxBurstSize: 100, MaxConcurrentDispatches: 1000},
		RetryConfig: &cloudtaskspb.RetryConfig{
			MaxAttempts: 100, MinBackoff: durationpb.New(100 * time.Millisecond), MaxBackoff: durationpb.New(time.Hour), MaxDoublings: 16,
		},
	}
}

func TestUpdatesSayWhatTheyChange(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		settings Settings
		want     []string
	}{
		{name: "nothing"},
		{name: "the defaults", settings: Settings{MaxAttempts: ptr(int32(100)), MaxDispatchesPerSecond: ptr(500.0), MinBackoff: ptr(100 * time.Millisecond)}},
		{
			name: "all", settings: Settings{
				MaxDispatchesPerSecond: ptr(0.5), MaxConcurrentDispatches: ptr(int32(1)), MaxAttempts: ptr(int32(-1)), MaxRetryDuration: ptr(time.Hour),
				MinBackoff: ptr(time.Second), MaxBackoff: ptr(time.Minute), MaxDoublings: ptr(int32(2)),
			},
			want: []string{
				"rate_limits.max_concurrent_dispatches", "rate_limits.max_dispatches_per_second", "retry_config.max_attempts",
				"retry_config.max_backoff", "retry_config.max_doublings", "retry_config.max_retry_duration", "retry_config.min_backoff",
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, base := range []*cloudtaskspb.Queue{shown(), {Name: name}} { // updated, or wanted from nothing
				want, err := c.settings.Apply(base)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, Kind().Mask(Kind().Changes(shown(), want))); diff != "" {
					t.Errorf("mask (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, queue string
		settings    Settings
		want        string
	}{
		{name: "a name", queue: "a_b", want: `queue: got "a_b"`},
		{name: "a rate", settings: Settings{MaxDispatchesPerSecond: ptr(501.0)}, want: "dispatches a second: got 501"},
		{name: "many at once", settings: Settings{MaxConcurrentDispatches: ptr(int32(5001))}, want: "concurrent dispatches: got 5001"},
		{name: "attempts", settings: Settings{MaxAttempts: ptr(int32(-2))}, want: "attempts: got -2"},
		{name: "doublings", settings: Settings{MaxDoublings: ptr(int32(-1))}, want: "doublings: got -1"},
		{name: "waits the wrong way round", settings: Settings{MinBackoff: ptr(time.Hour), MaxBackoff: ptr(time.Second)}, want: "is longer than the longest"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			queue := &cloudtaskspb.Queue{Name: name}
			if c.queue != "" {
				queue.Name = parent + "/queues/" + c.queue
			}
			if _, err := c.settings.Apply(queue); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Apply() error = %v, want one with %q", err, c.want)
			}
		})
	}
}

// task is a good task, changed.
func task(change func(*Task)) Task {
	it := Task{Queue: name, Call: sender.Settings{URL: ptr(url), ServiceAccount: ptr(account)}}
	if change != nil {
		change(&it)
	}
	return it
}

func TestTask(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC)
	got, err := task(func(k *Task) {
		k.ID, k.ScheduleTime, k.DispatchDeadline, k.Call.Body = "order-1", at, time.Minute, []byte(`{"n":1}`)
	}).Message()
	if err != nil {
		t.Fatal(err)
	}
	want := &cloudtaskspb.Task{
		Name: name + "/tasks/order-1", ScheduleTime: timestamppb.New(at), DispatchDeadline: durationpb.New(time.Minute),
		MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{
			Url: url, HttpMethod: cloudtaskspb.HttpMethod_POST, Body: []byte(`{"n":1}`), Headers: map[string]string{"Content-Type": "application/json"},
			AuthorizationHeader: &cloudtaskspb.HttpRequest_OidcToken{OidcToken: &cloudtaskspb.OidcToken{
				ServiceAccountEmail: account, Audience: "https://hello-1.us-central1.run.app",
			}},
		}},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("task (-want +got):\n%s", diff)
	}
	api, err := task(func(k *Task) { k.Call.URL, k.Call.Method = ptr("https://x.googleapis.com/"), ptr("GET") }).Message()
	if err != nil || api.GetHttpRequest().GetOauthToken().GetScope() != sender.CloudPlatform || api.GetHttpRequest().GetHttpMethod() != cloudtaskspb.HttpMethod_GET {
		t.Errorf("a task for an API: %v, %v", api, err)
	}
	if call := CallOf(want); call.Token.Audience != "https://hello-1.us-central1.run.app" || call.Method != "POST" {
		t.Errorf("CallOf() = %v", call)
	}
}

func TestTaskRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Task)
		want   string
	}{
		{"an id", func(k *Task) { k.ID = "a b" }, `task: got "a b"`},
		{"a deadline", func(k *Task) { k.DispatchDeadline = time.Hour }, "dispatch deadline 1h0m0s"},
		{"a large body", func(k *Task) { k.Call.Body = make([]byte, maxTask) }, "put the data into Cloud Storage"},
		{"no account", func(k *Task) { k.Call.ServiceAccount = nil }, "the service account is missing"},
		{"a queue's name", func(k *Task) { k.Queue = "work" }, `queue: got "work"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := task(c.change).Message(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Message() error = %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	queue, one := &cloudtaskspb.Queue{Name: name}, &cloudtaskspb.Task{Name: name + "/tasks/a"}
	recorder, connection := sendertest.Serve(t, func(r grpc.ServiceRegistrar) {
		cloudtaskspb.RegisterCloudTasksServer(r, cloudtaskspb.UnimplementedCloudTasksServer{})
	}, map[string]sendertest.Answer{
		"GetQueue": sendertest.Always(queue), "CreateQueue": sendertest.Always(queue), "UpdateQueue": sendertest.Always(queue),
		"DeleteQueue": sendertest.Always(&emptypb.Empty{}), "ListQueues": sendertest.Always(&cloudtaskspb.ListQueuesResponse{Queues: []*cloudtaskspb.Queue{queue}}),
		"CreateTask": sendertest.Always(one), "GetTask": sendertest.Always(one), "DeleteTask": sendertest.Always(&emptypb.Empty{}),
		"ListTasks": sendertest.Always(&cloudtaskspb.ListTasksResponse{Tasks: []*cloudtaskspb.Task{one}}),
	})
	client, err := NewClient(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	ctx := t.Context()
	_, e1 := client.Get(ctx, name)
	_, e2 := client.Create(ctx, queue)
	_, e3 := client.Update(ctx, queue, []string{"rate_limits"})
	e4 := client.Delete(ctx, name)
	queues, e5 := client.List(ctx, parent, 9)
	_, e6 := client.Enqueue(ctx, name, one)
	_, e7 := client.GetTask(ctx, one.GetName())
	tasks, e8 := client.ListTasks(ctx, name, 9)
	e9 := client.DeleteTask(ctx, one.GetName())
	if err := errors.Join(e1, e2, e3, e4, e5, e6, e7, e8, e9); err != nil || len(queues) != 1 || len(tasks) != 1 {
		t.Fatalf("%v, %v, %v", err, queues, tasks)
	}
	want := []sendertest.Request{
		{Method: "GetQueue", Message: &cloudtaskspb.GetQueueRequest{Name: name}},
		{Method: "CreateQueue", Message: &cloudtaskspb.CreateQueueRequest{Parent: parent, Queue: queue}},
		{Method: "UpdateQueue", Message: &cloudtaskspb.UpdateQueueRequest{Queue: queue, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"rate_limits"}}}},
		{Method: "DeleteQueue", Message: &cloudtaskspb.DeleteQueueRequest{Name: name}},
		{Method: "ListQueues", Message: &cloudtaskspb.ListQueuesRequest{Parent: parent}},
		{Method: "CreateTask", Message: &cloudtaskspb.CreateTaskRequest{Parent: name, Task: one, ResponseView: cloudtaskspb.Task_FULL}},
		{Method: "GetTask", Message: &cloudtaskspb.GetTaskRequest{Name: one.GetName(), ResponseView: cloudtaskspb.Task_FULL}},
		{Method: "ListTasks", Message: &cloudtaskspb.ListTasksRequest{Parent: name}},
		{Method: "DeleteTask", Message: &cloudtaskspb.DeleteTaskRequest{Name: one.GetName()}},
	}
	if diff := cmp.Diff(want, recorder.Requests(), protocmp.Transform()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
