package resource_test

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC)

func TestDefaultsOfATask(t *testing.T) {
	t.Parallel()
	task := parse(t, &cloudtaskspb.Task{}, `
		name: "n" dispatch_count: 3 response_count: 2 first_attempt {} last_attempt {} view: FULL
		schedule_time {seconds: 5} create_time {seconds: 5}
		http_request {url: "https://storage.googleapis.com/x" headers {key: "user-agent" value: "mine"} headers {key: "x-Mixed" value: "kept"}
			oauth_token {service_account_email: "a@b"}}`)
	if err := resource.CompleteTask(task, &cloudtaskspb.Queue{}, now); err != nil {
		t.Fatal(err)
	}
	want := parse(t, &cloudtaskspb.Task{}, `
		name: "n" dispatch_deadline {seconds: 600}
		schedule_time {seconds: 1767323045 nanos: 123456000} create_time {seconds: 1767323045}
		http_request {url: "https://storage.googleapis.com/x" http_method: POST
			headers {key: "User-Agent" value: "Google-Cloud-Tasks"} headers {key: "x-Mixed" value: "kept"}
			oauth_token {service_account_email: "a@b" scope: "https://www.googleapis.com/auth/cloud-platform"}}`)
	if diff := cmp.Diff(want, task, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScheduleTimeOfATask(t *testing.T) {
	t.Parallel()
	task := parse(t, &cloudtaskspb.Task{}, `schedule_time {seconds: 1767323055 nanos: 999} http_request {url: "http://a"}`)
	if err := resource.CompleteTask(task, nil, now); err != nil {
		t.Fatal(err)
	}
	if got := task.GetScheduleTime(); got.GetSeconds() != 1767323055 || got.GetNanos() != 0 {
		t.Errorf("got %v, want the time asked for, in microseconds", got)
	}
}

func TestAQueueMayGiveTheURL(t *testing.T) {
	t.Parallel()
	host := "a.example"
	q := &cloudtaskspb.Queue{HttpTarget: &cloudtaskspb.HttpTarget{UriOverride: &cloudtaskspb.UriOverride{Host: &host}}}
	if err := resource.CompleteTask(parse(t, &cloudtaskspb.Task{}, `http_request {}`), q, now); err != nil {
		t.Error(err)
	}
}

func TestCompleteTaskRefuses(t *testing.T) {
	t.Parallel()
	const post = `http_request {url: "http://a"} `
	tests := []struct{ name, task, want string }{
		{"nothing to do", ``, "Task.httpRequest is required."},
		{"no URL", `http_request {}`, "HttpRequest.url is required."},
		{"other scheme", `http_request {url: "ftp://a"}`, "HttpRequest.url must start with 'http://' or 'https://'."},
		{"no host", `http_request {url: "http:///a"}`, "HttpRequest.url is not a valid URL"},
		{"password", `http_request {url: "http://me:secret@a"}`, "HttpRequest.url is not a valid URL"},
		{"broken URL", `http_request {url: "http://a/%zz"}`, "HttpRequest.url is not a valid URL"},
		{"long URL", `http_request {url: "http://a/` + strings.Repeat("é", 1000) + `"}`, "HttpRequest.url must be at most 2083 characters after encoding, got 6009."},
		{"unknown method", `http_request {url: "http://a" http_method: 99}`, "HttpRequest.httpMethod is unknown: 99."},
		{"body of GET", `http_request {url: "http://a" http_method: GET body: "x"}`, "HttpRequest.body is allowed only if HttpRequest.httpMethod is POST, PUT, or PATCH, not GET."},
		{"header name", `http_request {url: "http://a" headers {key: "a:b"}}`, `HttpRequest.headers has an invalid header name: "a:b".`},
		{"header value", `http_request {url: "http://a" headers {key: "a" value: "b\nc"}}`, `HttpRequest.headers has an invalid value for the header "a".`},
		{"headers", `http_request {url: "http://a" headers {key: "a" value: "` + strings.Repeat("x", 80<<10) + `"}}`, "HttpRequest.headers must be less than 80KB."},
		{"oidc without account", `http_request {url: "http://a" oidc_token {}}`, "OidcToken.serviceAccountEmail is required."},
		{"oauth without account", `http_request {url: "http://a" oauth_token {}}`, "OAuthToken.serviceAccountEmail is required."},
		{"oauth to others", `http_request {url: "https://googleapis.com.example" oauth_token {service_account_email: "a@b"}}`, "HttpRequest.oauthToken is only for Google APIs"},
		{"oauth without TLS", `http_request {url: "http://run.googleapis.com" oauth_token {service_account_email: "a@b"}}`, "HttpRequest.oauthToken is only for Google APIs"},
		{"short deadline", post + `dispatch_deadline {seconds: 14}`, "Task.dispatchDeadline must be between [15s, 30m]."},
		{"long deadline", post + `dispatch_deadline {seconds: 1801}`, "Task.dispatchDeadline must be between [15s, 30m]."},
		{"far schedule", post + `schedule_time {seconds: 1769915046}`, "The Task.scheduleTime, 2026-02-01T03:04:06Z, is too far in the future. Schedule time must be no more than 720h in the future."},
		{"no time", post + `schedule_time {seconds: 1 nanos: -1}`, "Task.scheduleTime is not a valid timestamp."},
		{"own retries", post + `retry_config {max_attempts: -2}`, "RetryConfig.maxAttempts must be greater or equal to -1."},
		{"size", `http_request {url: "http://a" body: "` + strings.Repeat("x", 1<<20) + `"}`, "Task size too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := resource.CompleteTask(parse(t, &cloudtaskspb.Task{}, tt.task), &cloudtaskspb.Queue{}, now)
			if s := status.Convert(err); s.Code() != codes.InvalidArgument || !strings.HasPrefix(s.Message(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAppEngineTasksAreNotImplemented(t *testing.T) {
	t.Parallel()
	err := resource.CompleteTask(parse(t, &cloudtaskspb.Task{}, `app_engine_http_request {}`), nil, now)
	if s := status.Convert(err); s.Code() != codes.Unimplemented || !strings.Contains(s.Message(), "App Engine") {
		t.Errorf("got %v, want that there is no App Engine here", err)
	}
}

// Whatever comes, a task that is taken can be completed again and stays as it is.
func FuzzCompleteTask(f *testing.F) {
	add := func(task *cloudtaskspb.Task) {
		data, err := proto.Marshal(task)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	add(&cloudtaskspb.Task{})
	add(&cloudtaskspb.Task{MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{
		Url: "https://run.googleapis.com/x?y#z", Headers: map[string]string{"A": "b"}, Body: []byte("x"),
		AuthorizationHeader: &cloudtaskspb.HttpRequest_OauthToken{OauthToken: &cloudtaskspb.OAuthToken{ServiceAccountEmail: "a@b"}},
	}}, RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: 3}})
	f.Fuzz(func(t *testing.T, data []byte) {
		task := &cloudtaskspb.Task{}
		if proto.Unmarshal(data, task) != nil || resource.CompleteTask(task, &cloudtaskspb.Queue{}, now) != nil {
			return
		}
		again := proto.CloneOf(task)
		if err := resource.CompleteTask(again, &cloudtaskspb.Queue{}, now); err != nil || !proto.Equal(task, again) {
			t.Errorf("a complete task changed, %v:\n%v\n%v", err, task, again)
		}
	})
}
