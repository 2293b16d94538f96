package trigger_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/trigger"
)

// failing has each attempt fail before the job is made.
func (s *service) failing(code codes.Code, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = func(int) error { return status.Error(code, message) }
}

// Each failure of the pipeline service has an answer that makes the sender do the
// right thing.
func TestFailuresOfThePipelineService(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		code       codes.Code
		message    string
		status     int
		retryAfter string
		outcome    string
	}{
		{"unavailable", codes.Unavailable, "try later", 503, "5", "unavailable"},
		{"deadline", codes.DeadlineExceeded, "too slow", 503, "5", "unavailable"},
		{"quota", codes.ResourceExhausted, "quota exceeded", 429, "30", "quota"},
		{"permission", codes.PermissionDenied, "denied", 503, "60", "permission"},
		{"account", codes.InvalidArgument, "You do not have permission to act as service_account: " + account + ". (or it may not exist).", 503, "60", "permission"},
		{"credentials", codes.Unauthenticated, "who are you", 503, "60", "credentials"},
		{"no project", codes.NotFound, "no such project", 503, "60", "not_found"},
		{"refused run", codes.InvalidArgument, "bad spec", 422, "", "rejected"},
		{"internal", codes.Internal, "oops", 503, "5", "internal"},
		{"unknown", codes.DataLoss, "oops", 503, "5", "internal"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, plainRoute, func(o *trigger.Options) {
				o.Explain = func(_ context.Context, err error) error { return fmt.Errorf("%w; to fix: the cure", err) }
			})
			w.service.failing(c.code, c.message)
			got := w.send(keyed("k", ""))
			if got.status != c.status || got.header.Get("Retry-After") != c.retryAfter {
				t.Errorf("got %d, Retry-After %q; want %d, %q: %s", got.status, got.header.Get("Retry-After"), c.status, c.retryAfter, got.text)
			}
			if strings.Contains(got.text, c.message) {
				t.Errorf("the answer %s tells the sender what the service said", got.text)
			}
			if log := w.log.String(); !strings.Contains(log, `"outcome":"`+c.outcome+`"`) || !strings.Contains(log, "to fix: the cure") {
				t.Errorf("the log tells neither the outcome %q nor the cure:\n%s", c.outcome, log)
			}
			w.counted(`authpipe_deliveries_total{outcome="`+c.outcome+`",route="events",sender="http"} 1`, true)
			// Once it is mended, the same delivery becomes its one run.
			w.service.mu.Lock()
			w.service.before = nil
			w.service.mu.Unlock()
			if again := w.send(keyed("k", "")); again.State != "submitted" || len(w.service.jobs(t)) != 1 {
				t.Errorf("delivered again: %s", again.text)
			}
		})
	}
}

// A caller without the right, refused by the local pipeline service itself.
func TestAReceiverWithoutTheRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute)
	w.service.as = iam.Principal{Kind: iam.User, Email: "nobody@example.com", Scopes: []string{iam.CloudPlatform}}
	if got := w.send(keyed("k", "")); got.status != http.StatusServiceUnavailable || !strings.Contains(w.log.String(), "aiplatform.pipelineJobs.create") {
		t.Errorf("got %s and the log\n%s", got.text, w.log.String())
	}
}

// A job that was made although its answer was lost is this delivery's run.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute)
	w.service.after = func(n int) error {
		if n == 1 {
			return status.Error(codes.Unavailable, "connection lost")
		}
		return nil
	}
	if got := w.send(keyed("k", "")); got.status != http.StatusOK || len(w.service.jobs(t)) != 1 {
		t.Errorf("got %s and %d runs", got.text, len(w.service.jobs(t)))
	}
}

const strictRoute = head + `routes:
  - path: /events
    from: http
    callers: [sender@local-project.iam.gserviceaccount.com]
    pipeline: cloudrun
    when: .body.go | not | not
    parameters: {url: .body.url, timeout_seconds: .body.timeout, headers: .body.headers}
`

// Events that no retry makes better, rejected and dropped.
func TestBadEvents(t *testing.T) {
	t.Parallel()
	named := map[string]string{"Idempotency-Key": "k"}
	cases := []struct {
		name    string
		request request
		status  int
		want    string
	}{
		{"expression that fails", request{body: `{"go": 1, "url": "u", "timeout": "s3cret" }`, header: named}, 400, `parameter "timeout_seconds": its expression gave a string, want NUMBER_INTEGER`},
		{"fraction", request{body: `{"go": 1, "url": "u", "timeout": 1.5}`, header: named}, 400, "whole and below 2^53"},
		{"great number", request{body: `{"go": 1, "url": "u", "timeout": 123456789012345678901}`, header: named}, 400, "whole and below 2^53"},
		{"nothing for what is required", request{body: `{"go": 1}`, header: named}, 400, `parameter "url": its expression gave nothing, want STRING`},
		{"two at once", request{body: `{"go": 1, "url": 7, "headers": []}`, header: named}, 400, `parameter "headers": its expression gave an array`},
		{"body of another kind", request{body: `s3cret`, header: named}, 400, `when: its expression failed`},
		{"no name", request{body: `{"go": 1, "url": "u"}`}, 400, "the header Idempotency-Key is missing"},
		{"compressed", request{header: map[string]string{"Content-Encoding": "gzip"}}, 415, "content encoding"},
		{"too large", request{body: strings.Repeat("s3cret", 1<<18)}, 413, "more than 1048576 bytes"},
		{"too large, length untold", request{body: strings.Repeat("s3cret", 1<<18), chunked: true}, 413, "more than 1048576 bytes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, strictRoute)
			got := w.send(c.request)
			if got.status != c.status || !strings.Contains(got.Error.Message, c.want) {
				t.Errorf("got %d %s, want %d and %q", got.status, got.text, c.status, c.want)
			}
			w.counted(`outcome="bad_event",route="events"`, true)
			dropping := newWorld(t, strictRoute+"    on_bad_event: drop\n")
			got = dropping.send(c.request)
			if got.status != http.StatusOK || got.State != "dropped" || !strings.Contains(got.Reason, c.want) {
				t.Errorf("dropped: got %d %s", got.status, got.text)
			}
			dropping.counted(`outcome="dropped",route="events"`, true)
			for _, log := range []string{w.log.String(), dropping.log.String()} {
				if strings.Contains(log, "s3cret") || !strings.Contains(log, `"error":"`) {
					t.Errorf("the log shows the body, or does not tell the fault:\n%s", log)
				}
			}
			if len(w.service.jobs(t))+len(dropping.service.jobs(t)) > 0 {
				t.Error("a run was made")
			}
		})
	}
}

// The sender is told more of an expression that fails than the log is.
func TestTheDetailIsForTheSenderAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, strictRoute)
	got := w.send(keyed("k", `"s3cret"`))
	if !strings.Contains(got.Error.Message, "s3cret") || strings.Contains(w.log.String(), "s3cret") {
		t.Errorf("the answer is %s and the log\n%s", got.text, w.log.String())
	}
}

func TestRequestsThatAreNoDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute)
	for _, c := range []struct {
		request request
		status  int
	}{
		{request{path: "/other"}, 404},
		{request{path: "/events/"}, 404},
		{request{path: "/events", method: http.MethodGet}, 405},
		{request{path: "/healthz"}, 404},
	} {
		if got := w.send(c.request); got.status != c.status || got.Error.Code != c.status {
			t.Errorf("%s %s: got %d %s, want %d", c.request.method, c.request.path, got.status, got.text, c.status)
		}
	}
	if got := w.send(request{method: http.MethodPut}); got.header.Get("Allow") != http.MethodPost {
		t.Errorf("Allow = %q", got.header.Get("Allow"))
	}
	w.counted("authpipe_unknown_path_total 3", true)
}
