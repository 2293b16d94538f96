package trigger_test

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/issuer"
)

const manyRoutes = head + `routes:
  - path: /nightly
    from: scheduler
    callers: [sender@local-project.iam.gserviceaccount.com]
    pipeline: cloudrun
    labels: {team: data}
    parameters: {url: '"https://x.example.com"', body: .text}
  - path: /tasks
    from: tasks
    callers: [sender@local-project.iam.gserviceaccount.com]
    pipeline: cloudrun
    parameters: {url: .body.url, timeout_seconds: .body.timeout, success: .body.success}
  - name: orders
    path: /pubsub
    from: pubsub
    callers: [sender@local-project.iam.gserviceaccount.com]
    pipeline: cloudrun
    when: .attributes.kind != "draft"
    parameters: {url: .body.url, headers: '{"X-Message": .message.messageId}', body: .query.note}
  - path: /objects
    from: cloudevents
    callers: [sender@local-project.iam.gserviceaccount.com]
    pipeline: cloudrun
    parameters: {url: '"https://x.example.com/" + .event.subject', body: .body | tojson}
  - path: /content
    from: http
    callers: [other@local-project.iam.gserviceaccount.com, sender@local-project.iam.gserviceaccount.com]
    audiences: [custom]
    pipeline: cloudrun
    id: .body.order
    parameters: {url: '"https://x.example.com"', body: .delivery.caller}
`

func TestADeliveryOfEachSenderBecomesARun(t *testing.T) {
	t.Parallel()
	data := base64.StdEncoding.EncodeToString([]byte(`{"url": "https://y.example.com"}`))
	cases := []struct {
		name       string
		request    request
		status     int
		parameters map[string]any
		labels     map[string]string
	}{
		{
			name: "scheduler",
			request: request{path: "/nightly", body: "go", header: map[string]string{
				"X-CloudScheduler": "true", "X-CloudScheduler-JobName": "job", "X-CloudScheduler-ScheduleTime": "2026-01-02T03:04:05Z",
			}},
			status:     200,
			parameters: map[string]any{"url": "https://x.example.com", "body": "go"},
			labels:     map[string]string{"team": "data", "authpipe-route": "nightly", "authpipe-sender": "scheduler", "authpipe-delivery": "2026-01-02t03-04-05z"},
		},
		{
			name: "tasks",
			request: request{path: "/tasks", body: `{"url": "https://y.example.com", "timeout": 60}`, header: map[string]string{
				"X-CloudTasks-QueueName": "q", "X-CloudTasks-TaskName": "Task_1", "X-CloudTasks-TaskRetryCount": "1",
			}},
			status:     200,
			parameters: map[string]any{"url": "https://y.example.com", "timeout_seconds": 60.0},
			labels:     map[string]string{"authpipe-route": "tasks", "authpipe-sender": "tasks", "authpipe-delivery": "task_1"},
		},
		{
			name: "wrapped message",
			request: request{
				path: "/pubsub?note=a", header: map[string]string{"Content-Type": "application/json"},
				body: `{"message":{"attributes":{"kind":"final"},"data":"` + data + `","messageId":"12"},"subscription":"projects/p/subscriptions/s"}`,
			},
			status:     200,
			parameters: map[string]any{"url": "https://y.example.com", "headers": map[string]any{"X-Message": "12"}, "body": "a"},
			labels:     map[string]string{"authpipe-route": "orders", "authpipe-sender": "pubsub", "authpipe-delivery": "12"},
		},
		{
			name: "message without its wrapping",
			request: request{path: "/pubsub", body: `{"url": "https://z.example.com"}`, header: map[string]string{
				"X-Goog-Pubsub-Subscription-Name": "projects/p/subscriptions/s", "X-Goog-Pubsub-Message-Id": "13",
			}},
			status:     200,
			parameters: map[string]any{"url": "https://z.example.com", "headers": map[string]any{"X-Message": "13"}},
			labels:     map[string]string{"authpipe-route": "orders", "authpipe-sender": "pubsub", "authpipe-delivery": "13"},
		},
		{
			name:    "message that is not wanted",
			request: request{path: "/pubsub", body: `{"message":{"attributes":{"kind":"draft"},"messageId":"14"},"subscription":"projects/p/subscriptions/s"}`},
			status:  204,
		},
		{
			name: "CloudEvent in binary mode",
			request: request{path: "/objects", body: `{"size": 1}`, header: map[string]string{
				"Ce-Id": "e/1", "Ce-Source": "//storage", "Ce-Type": "t", "Ce-Specversion": "1.0", "Ce-Subject": "objects/a", "Content-Type": "application/json",
			}},
			status:     200,
			parameters: map[string]any{"url": "https://x.example.com/objects/a", "body": `{"size":1}`},
			labels:     map[string]string{"authpipe-route": "objects", "authpipe-sender": "cloudevents", "authpipe-delivery": "e-1"},
		},
		{
			name: "CloudEvent in structured mode",
			request: request{
				path: "/objects", header: map[string]string{"Content-Type": "application/cloudevents+json"},
				body: `{"specversion":"1.0","id":"e2","source":"/s","type":"t","subject":"b","data":[1]}`,
			},
			status:     200,
			parameters: map[string]any{"url": "https://x.example.com/b", "body": `[1]`},
			labels:     map[string]string{"authpipe-route": "objects", "authpipe-sender": "cloudevents", "authpipe-delivery": "e2"},
		},
		{
			name:       "any client, named by what it sends",
			request:    request{path: "/content", token: "custom", body: `{"order": 77}`},
			status:     200,
			parameters: map[string]any{"url": "https://x.example.com", "body": caller},
			labels:     map[string]string{"authpipe-route": "content", "authpipe-sender": "http", "authpipe-delivery": "77"},
		},
	}
	valid := regexp.MustCompile(`^auth-pipeline-cloudrun-[0-9a-f]{32}$`)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, manyRoutes)
			if c.request.token != "" {
				c.request.token = "Bearer " + w.token(caller, c.request.token)
			}
			got := w.send(c.request)
			if got.status != c.status {
				t.Fatalf("status = %d, want %d: %s", got.status, c.status, got.text)
			}
			jobs := w.service.jobs(t)
			if c.status == http.StatusNoContent {
				if len(jobs) != 0 || got.text != "" {
					t.Errorf("got %d runs and the answer %q, want neither", len(jobs), got.text)
				}
				return
			}
			if len(jobs) != 1 || got.State != "submitted" || jobs[0].GetName() != got.Job {
				t.Fatalf("got %d runs and the answer %s, want one, submitted", len(jobs), got.text)
			}
			if id := strings.TrimPrefix(got.Job, parent+"/pipelineJobs/"); !valid.MatchString(id) {
				t.Errorf("the run's id is %q", id)
			}
			parameters := map[string]any{}
			for name, value := range jobs[0].GetRuntimeConfig().GetParameterValues() {
				parameters[name] = value.AsInterface()
			}
			if diff := cmp.Diff(c.parameters, parameters); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.labels, jobs[0].GetLabels()); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if jobs[0].GetServiceAccount() != account || jobs[0].GetRuntimeConfig().GetGcsOutputDirectory() != "gs://local-bucket/runs" {
				t.Errorf("the run has account %s and root %s", jobs[0].GetServiceAccount(), jobs[0].GetRuntimeConfig().GetGcsOutputDirectory())
			}
			// The same again is the same run.
			again := w.send(c.request)
			if again.status != http.StatusOK || again.State != "exists" || again.Job != got.Job || len(w.service.jobs(t)) != 1 {
				t.Errorf("delivered again: %s; there are %d runs", again.text, len(w.service.jobs(t)))
			}
		})
	}
}

// What is another delivery is another run, however alike.
func TestOtherDeliveriesAreOtherRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, manyRoutes)
	task := func(queue, name string) request {
		return request{path: "/tasks", body: `{"url": "https://y.example.com"}`, header: map[string]string{"X-CloudTasks-QueueName": queue, "X-CloudTasks-TaskName": name}}
	}
	sent := []request{task("a", "1"), task("a", "2"), task("b", "1"), task("a/1", "1"), task("a", "1/1")}
	jobs := map[string]bool{}
	for _, r := range sent {
		jobs[w.send(r).Job] = true
	}
	if len(jobs) != len(sent) || len(w.service.jobs(t)) != len(sent) {
		t.Errorf("%d deliveries became %d runs", len(sent), len(w.service.jobs(t)))
	}
}

// Tokens that are not let in; none of them costs a call, and none is seen in the log.
func TestAttacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute)
	good := w.token(caller, receiver+"/events")
	parts := strings.Split(good, ".")
	past := func() time.Time { return time.Now().Add(-2 * time.Hour) }
	foreign, err := issuer.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	assertion, err := w.issuer.IAPAssertion("1", caller, receiver+"/events")
	if err != nil {
		t.Fatal(err)
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	cases := []struct {
		name, token string
		status      int
		reason      string
	}{
		{"no token", "none", 401, "missing"},
		{"another scheme", "Basic eDp5", 401, "missing"},
		{"no JWT", "Bearer x", 401, "malformed"},
		{"unsigned", "Bearer " + parts[0] + "." + parts[1] + ".", 401, "signature"},
		{"algorithm none", "Bearer " + none + "." + parts[1] + ".", 401, "algorithm"},
		{"signature taken away", "Bearer " + parts[0] + "." + parts[1] + ".SIGNATURE_REMOVED_BY_GOOGLE", 401, "signature"},
		{"claims of another", "Bearer " + parts[0] + "." + strings.Split(w.token(stranger, receiver+"/events"), ".")[1] + "." + parts[2], 401, "signature"},
		{"signed by another", "Bearer " + mint(t, foreign, caller, receiver+"/events"), 401, "signature"},
		{"expired", "Bearer " + mint(t, openIssuer(t, past), caller, receiver+"/events"), 401, "expired"},
		{"for another route", "Bearer " + w.token(caller, receiver+"/other"), 401, "audience"},
		{"for another service", "Bearer " + w.token(caller, "https://other.example.com"), 401, "audience"},
		{"of another caller", "Bearer " + w.token(stranger, receiver+"/events"), 403, "caller not allowed"},
		{"of a caller without an email", "Bearer " + w.token("", receiver+"/events"), 403, "caller not allowed"},
		{"of IAP", "Bearer " + assertion, 401, "algorithm"},
		{"two", "Bearer " + good + " " + good, 401, "malformed"},
		{"huge", "Bearer " + strings.Repeat("a", 20<<10), 401, "too large"},
	}
	for _, c := range cases {
		r := keyed("attack", "")
		r.token = c.token
		got := w.send(r)
		if got.status != c.status || got.Error.Message != "token refused: "+c.reason {
			t.Errorf("%s: got %d %s, want %d and %q", c.name, got.status, got.text, c.status, c.reason)
		}
		if got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", c.name)
		}
	}
	if got := w.service.jobs(t); len(got) != 0 {
		t.Errorf("%d runs were made", len(got))
	}
	if log := w.log.String(); strings.Contains(log, "eyJ") || !strings.Contains(log, "--no-invoker-iam-check") {
		t.Errorf("the log shows a token, or does not tell of Cloud Run's own check:\n%s", log)
	}
	// The audience of the receiver as a whole is one, as for Cloud Run's own check.
	r := keyed("good", "")
	r.token = "Bearer " + w.token(caller, receiver)
	if got := w.send(r); got.status != http.StatusOK {
		t.Errorf("a token for the receiver: %s", got.text)
	}
}
