package target_test

import (
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
	"github.com/authcall/authcall/internal/localgcp/tasks/target"
)

const robot = "robot@local-project.iam.gserviceaccount.com"

func parse[M proto.Message](t testing.TB, into M, text string) M {
	t.Helper()
	if err := prototext.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
	return into
}

func first(t testing.TB) target.Attempt {
	t.Helper()
	name, err := resource.ParseTask("projects/local-project/locations/us-central1/queues/my-queue/tasks/my-task")
	if err != nil {
		t.Fatal(err)
	}
	return target.Attempt{Task: name, Scheduled: time.Unix(1700000000, 25000)}
}

func TestFirstAttempt(t *testing.T) {
	t.Parallel()
	task := parse(t, &cloudtaskspb.Task{}, `dispatch_deadline {seconds: 20} http_request {
		url: "http://a.example/x?y=1" http_method: POST body: "hello"
		headers {key: "content-type" value: "text/plain"} headers {key: "Authorization" value: "Bearer mine"}
		headers {key: "user-agent" value: "mine"} headers {key: "Host" value: "b.example"} headers {key: "Content-Length" value: "7"}
		headers {key: "x-google-x" value: "1"} headers {key: "X-AppEngine-X" value: "1"} headers {key: "X-CloudTasks-TaskName" value: "other"}
		headers {key: "Transfer-Encoding" value: "chunked"}}`)
	got, err := target.Request(nil, task, first(t))
	if err != nil {
		t.Fatal(err)
	}
	want := delivery.Request{
		Method: "POST", URL: "http://a.example/x?y=1", Body: []byte("hello"), Deadline: 20 * time.Second, UserAgent: "Google-Cloud-Tasks", Attempt: 1,
		Header: http.Header{
			"Content-Type": {"text/plain"}, "Authorization": {"Bearer mine"},
			"X-Cloudtasks-Queuename": {"my-queue"}, "X-Cloudtasks-Taskname": {"my-task"},
			"X-Cloudtasks-Taskretrycount": {"0"}, "X-Cloudtasks-Taskexecutioncount": {"0"}, "X-Cloudtasks-Tasketa": {"1700000000.000025"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	a := first(t)
	a.Retries, a.Executions, a.Previous = 3, 1, 503
	got, err := target.Request(nil, parse(t, &cloudtaskspb.Task{}, `http_request {url: "http://a" http_method: GET}`), a)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"X-CloudTasks-TaskRetryCount": "3", "X-CloudTasks-TaskExecutionCount": "1",
		"X-CloudTasks-TaskPreviousResponse": "503", "X-CloudTasks-TaskRetryReason": "",
	} {
		if values := got.Header.Values(name); len(values) != 1 || values[0] != want {
			t.Errorf("%s: got %q, want %q", name, values, want)
		}
	}
	if got.Attempt != 4 || got.Method != "GET" {
		t.Errorf("got attempt %d by %s, want 4 by GET", got.Attempt, got.Method)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	const queueOIDC = `oidc_token {service_account_email: "queue@b" audience: "the-queue"}`
	tests := []struct {
		name, queue, auth string
		want              *serviceagent.Token
	}{
		{"none", ``, ``, nil},
		{"audience", ``, `oidc_token {service_account_email: "` + robot + `" audience: "me"}`, &serviceagent.Token{ServiceAccount: robot, Audience: "me"}},
		{"audience left out", ``, `oidc_token {service_account_email: "` + robot + `"}`, &serviceagent.Token{ServiceAccount: robot, Audience: "https://run.googleapis.com/x?y"}},
		{"audience left out, URL changed", `uri_override {path_override {path: "/z"}}`, `oidc_token {service_account_email: "` + robot + `"}`,
			&serviceagent.Token{ServiceAccount: robot, Audience: "https://run.googleapis.com/z?y"}},
		{"scope", ``, `oauth_token {service_account_email: "` + robot + `" scope: "s"}`, &serviceagent.Token{ServiceAccount: robot, Scope: "s"}},
		{"the queue's", queueOIDC, `oauth_token {service_account_email: "` + robot + `" scope: "s"}`, &serviceagent.Token{ServiceAccount: "queue@b", Audience: "the-queue"}},
		{"the queue's alone", `oauth_token {service_account_email: "queue@b" scope: "s"}`, ``, &serviceagent.Token{ServiceAccount: "queue@b", Scope: "s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			task := parse(t, &cloudtaskspb.Task{}, `http_request {url: "https://run.googleapis.com/x?y" `+tt.auth+`}`)
			got, err := target.Request(parse(t, &cloudtaskspb.HttpTarget{}, tt.queue), task, first(t))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Token); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A queue cannot send an account's access token elsewhere.
func TestAccessTokenStaysAtGoogle(t *testing.T) {
	t.Parallel()
	task := parse(t, &cloudtaskspb.Task{}, `http_request {url: "https://run.googleapis.com/x" oauth_token {service_account_email: "`+robot+`" scope: "s"}}`)
	for _, queue := range []string{`uri_override {host: "evil.example"}`, `uri_override {scheme: HTTP}`} {
		if got, err := target.Request(parse(t, &cloudtaskspb.HttpTarget{}, queue), task, first(t)); err == nil {
			t.Errorf("%s: got a request to %s, want an error", queue, got.URL)
		}
	}
}

func TestHeadersAndMethodOfTheQueue(t *testing.T) {
	t.Parallel()
	task := parse(t, &cloudtaskspb.Task{}, `http_request {url: "http://a" http_method: POST body: "x"
		headers {key: "A" value: "task"} headers {key: "B" value: "task"}}`)
	queue := parse(t, &cloudtaskspb.HttpTarget{}, `http_method: GET
		header_overrides {header {key: "b" value: "queue"}} header_overrides {header {key: "c" value: "queue"}} header_overrides {header {key: "User-Agent" value: "queue"}}`)
	got, err := target.Request(queue, task, first(t))
	if err != nil {
		t.Fatal(err)
	}
	if got.Method != "GET" || got.Body != nil {
		t.Errorf("got %s with body %q, want GET without", got.Method, got.Body)
	}
	for name, want := range map[string]string{"A": "task", "B": "queue", "C": "queue", "User-Agent": ""} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("%s: got %q, want %q", name, value, want)
		}
	}
}

func TestURLOfTheQueue(t *testing.T) {
	t.Parallel()
	const ifNotExists = " uri_override_enforce_mode: IF_NOT_EXISTS"
	tests := []struct{ name, url, override, want string }{
		{"nothing", "http://a:1/b?c#d", ``, "http://a:1/b?c#d"},
		{"scheme", "http://a/b", `scheme: HTTPS`, "https://a/b"},
		{"scheme down", "https://a/b", `scheme: HTTP`, "http://a/b"},
		{"host", "https://www.example.com", `host: "example.net"`, "https://example.net"},
		{"host keeps the port", "https://www.example.com:8443/x", `host: "example.net"`, "https://example.net:8443/x"},
		{"port", "https://www.example.com/example", `port: 123`, "https://www.example.com:123/example"},
		{"no port", "https://www.example.com:123/example", `port: 0`, "https://www.example.com/example"},
		{"port of an address", "http://[::1]/x", `port: 8080`, "http://[::1]:8080/x"},
		{"no port of an address", "http://[::1]:8080/x", `port: 0`, "http://[::1]/x"},
		{"path", "http://a/b", `path_override {path: "/users/1234"}`, "http://a/users/1234"},
		{"path without slash", "http://a/b", `path_override {path: "users"}`, "http://a/users"},
		{"escaped path", "http://a/b", `path_override {path: "/x%2Fy"}`, "http://a/x%2Fy"},
		{"path to escape", "http://a/b", `path_override {path: "/x y"}`, "http://a/x%20y"},
		{"no path", "http://a/b?c", `path_override {}`, "http://a?c"},
		{"query", "http://a/b?c=1", `query_override {query_params: "q=1&r=2"}`, "http://a/b?q=1&r=2"},
		{"no query", "http://a/b?c=1", `query_override {}`, "http://a/b"},
		{"all of it", "", `host: "a" port: 1 path_override {path: "/b"} query_override {query_params: "c"}`, "https://a:1/b?c"},
		{"where missing, missing", "http://a", `port: 1 path_override {path: "/b"} query_override {query_params: "c"}` + ifNotExists, "http://a:1/b?c"},
		{"where missing, there", "http://a:2/x?y", `scheme: HTTPS host: "h" port: 1 path_override {path: "/b"} query_override {query_params: "c"}` + ifNotExists, "http://a:2/x?y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			task := parse(t, &cloudtaskspb.Task{}, `http_request {url: "`+tt.url+`"}`)
			queue := &cloudtaskspb.HttpTarget{}
			if tt.override != "" {
				queue.UriOverride = parse(t, &cloudtaskspb.UriOverride{}, tt.override)
			}
			got, err := target.Request(queue, task, first(t))
			if err != nil || got.URL != tt.want {
				t.Errorf("got %q, %v, want %q", got.URL, err, tt.want)
			}
		})
	}
}

// Whatever a queue's override says, the request goes to the override's host.
func FuzzURLOfTheQueue(f *testing.F) {
	f.Add("http://a/b?c", "/x", "y=1", int64(80))
	f.Add("https://[::1]:1", "//evil.example/%2e%2e", "?#", int64(0))
	f.Fuzz(func(t *testing.T, raw, path, query string, port int64) {
		host := "fixed.example"
		o := &cloudtaskspb.UriOverride{
			Host: &host, Port: &port,
			PathOverride:  &cloudtaskspb.PathOverride{Path: path},
			QueryOverride: &cloudtaskspb.QueryOverride{QueryParams: query},
		}
		task := &cloudtaskspb.Task{MessageType: &cloudtaskspb.Task_HttpRequest{HttpRequest: &cloudtaskspb.HttpRequest{Url: raw}}}
		got, err := target.Request(&cloudtaskspb.HttpTarget{UriOverride: o}, task, first(t))
		if err != nil || port < 0 || port > 65535 {
			return
		}
		r, err := http.NewRequest(http.MethodGet, got.URL, http.NoBody)
		if err != nil {
			return // the delivery refuses it, too
		}
		if r.URL.Hostname() != host {
			t.Errorf("%q became %q, to %q", raw, got.URL, r.URL.Hostname())
		}
	})
}
