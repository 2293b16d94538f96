package localgcp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

// lines is a log that may be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const (
	jobsPath  = "/v1/projects/local-project/locations/us-central1/jobs"
	probeName = "projects/local-project/locations/us-central1/jobs/probe"
)

// scheduled is a job with what its last attempt came to.
type scheduled struct {
	Status *struct {
		Code    codes.Code
		Message string
	}
	LastAttemptTime time.Time
}

// ask calls an API as the developer, who must be answered with success.
func ask(t *testing.T, s *Server, method, path, body string) string {
	t.Helper()
	code, answer := fetch(t, method, s.apiURL+path, body, developer(t, s))
	if code != http.StatusOK {
		t.Fatalf("%s %s: got %d %s", method, path, code, answer)
	}
	return answer
}

// attempted runs a job now, and waits for the outcome.
func attempted(t *testing.T, s *Server) scheduled {
	t.Helper()
	asked := s.clock.Now()
	ask(t, s, http.MethodPost, jobsPath+"/probe:run", "{}")
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		var job scheduled
		if err := json.Unmarshal([]byte(ask(t, s, http.MethodGet, jobsPath+"/probe", "")), &job); err != nil {
			t.Fatal(err)
		}
		if job.Status != nil && !job.LastAttemptTime.Before(asked) {
			return job
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the job is not attempted")
		case <-tick.C:
		}
	}
}

// without takes all bindings of a role on a resource away.
func without(t *testing.T, s *Server, role, resource string) {
	t.Helper()
	kept := iam.Policy{}
	for _, b := range s.directory.Policy(resource).Bindings {
		if b.Role != role {
			kept.Bindings = append(kept.Bindings, b)
		}
	}
	if _, err := s.directory.SetPolicy(resource, kept, ""); err != nil {
		t.Fatal(err)
	}
}

func TestAScheduledCallNeedsItsBindings(t *testing.T) {
	t.Parallel()
	log := &lines{}
	s := start(t, Options{Log: zerolog.New(log)})
	hello := s.ServiceURL("hello")
	ask(t, s, http.MethodPost, jobsPath, `{"name": "`+probeName+`", "schedule": "0 0 1 1 *", "httpTarget": {"uri": "`+hello+`/probe",
		"oidcToken": {"serviceAccountEmail": "`+callerAccount+`", "audience": "`+hello+`"}}}`)
	if job := attempted(t, s); job.Status.Code != codes.OK {
		t.Errorf("with all bindings: got %+v", job.Status)
	}
	without(t, s, "roles/run.invoker", s.config.serviceResource("hello"))
	if job := attempted(t, s); job.Status.Code != codes.PermissionDenied || job.Status.Message != "the target answered 403 Forbidden" {
		t.Errorf("without the invoker's: got %+v", job.Status)
	}
	const missing = "no permission iam.serviceAccounts.getOpenIdToken on caller@local-project.iam.gserviceaccount.com (or it may not exist), want a binding of roles/cloudscheduler.serviceAgent on the project"
	without(t, s, "roles/cloudscheduler.serviceAgent", "projects/local-project")
	if job := attempted(t, s); job.Status.Code != codes.PermissionDenied || !strings.Contains(job.Status.Message, missing) {
		t.Errorf("without the agent's: got %+v", job.Status)
	}
	if !strings.Contains(log.String(), missing) {
		t.Errorf("the log does not say which binding is missing:\n%s", log)
	}
	for _, bad := range []string{"eyJ", "ya29."} {
		if strings.Contains(log.String(), bad) {
			t.Errorf("the log shows a token:\n%s", log)
		}
	}
}

func TestAScheduledMessage(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const topic = "projects/local-project/topics/news"
	ask(t, s, http.MethodPut, "/v1/"+topic, "{}")
	ask(t, s, http.MethodPut, "/v1/projects/local-project/subscriptions/reader", `{"topic": "`+topic+`"}`)
	ask(t, s, http.MethodPost, jobsPath, `{"name": "`+probeName+`", "schedule": "0 0 1 1 *", "pubsubTarget": {"topicName": "`+topic+`", "data": "aGVsbG8="}}`)
	if job := attempted(t, s); job.Status.Code != codes.OK {
		t.Fatalf("got %+v", job.Status)
	}
	if got := ask(t, s, http.MethodPost, "/v1/projects/local-project/subscriptions/reader:pull", `{"maxMessages": 1}`); !strings.Contains(got, `"data": "aGVsbG8="`) {
		t.Errorf("got %s, want the message", got)
	}
	without(t, s, "roles/cloudscheduler.serviceAgent", "projects/local-project")
	if job := attempted(t, s); job.Status.Code != codes.PermissionDenied || !strings.Contains(job.Status.Message, "no permission pubsub.topics.publish on "+topic) {
		t.Errorf("without the agent's binding: got %+v", job.Status)
	}
}

// The new APIs can be switched off and have faults, as all others.
func TestSendersCanBeDisabled(t *testing.T) {
	t.Parallel()
	paths := map[string]string{
		"cloudscheduler.googleapis.com": jobsPath,
		"cloudtasks.googleapis.com":     "/v2/projects/local-project/locations/us-central1/queues",
		"pubsub.googleapis.com":         "/v1/projects/local-project/topics",
	}
	disabled := start(t, Options{Config: changed(t, "disabled_apis: []", "disabled_apis: [cloudscheduler.googleapis.com, cloudtasks.googleapis.com, pubsub.googleapis.com]")})
	faulty := start(t, Options{Config: changed(t, "faults: []",
		"faults: [{api: cloudscheduler.googleapis.com, code: 429}, {api: cloudtasks.googleapis.com, code: 429}, {api: pubsub.googleapis.com, code: 429}]")})
	for api, path := range paths {
		if code, body := fetch(t, http.MethodGet, disabled.apiURL+path, "", developer(t, disabled)); code != http.StatusForbidden || !strings.Contains(body, api) || !strings.Contains(body, "SERVICE_DISABLED") {
			t.Errorf("%s: got %d %s, want that it is disabled", api, code, body)
		}
		ask(t, disabled, http.MethodPost, "/v1/projects/local-project/services/"+api+":enable", "{}")
		ask(t, disabled, http.MethodGet, path, "")
		if code, body := fetch(t, http.MethodGet, faulty.apiURL+path, "", developer(t, faulty)); code != http.StatusTooManyRequests || !strings.Contains(body, "RESOURCE_EXHAUSTED") {
			t.Errorf("%s: got %d %s, want the fault", api, code, body)
		}
	}
}
