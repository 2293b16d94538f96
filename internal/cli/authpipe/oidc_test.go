package authpipe

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender/rights"
)

// A call that is too large is told of before anything is sent, with what to do.
func TestALargeJobSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	body := filepath.Join(dir, "body")
	if err := os.WriteFile(body, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	spec := strings.Replace(string(specYAML(t, "cloudrun")), "description:", "description: "+strings.Repeat("long ", 1<<18)+"\n#", 1)
	pipeline := filepath.Join(dir, "pipeline.yaml")
	if err := os.WriteFile(pipeline, []byte(spec), 0o600); err != nil {
		t.Fatal(err)
	}
	common := []string{"oidc", "scheduler", "create", "a", "--schedule", "0 3 * * *", "--service-account", testAccount}
	cases := []struct {
		name string
		args []string
		want string
	}{
		{"a body", []string{"--url", "https://x.example.com", "--body-file", body}, "put the data into Cloud Storage"},
		{"a pipeline", []string{"--pipeline", pipeline, "-p", "url=https://x.example.com"}, "name it with --via-receiver"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			if code := w.run(t.Context(), append(common, c.args...)...); code != exitcode.Usage {
				t.Errorf("exit code = %d, want %d", code, exitcode.Usage)
			}
			if text := w.err.String(); !strings.Contains(text, "Cloud Scheduler takes 1048576; to fix: ") || !strings.Contains(text, c.want) {
				t.Errorf("stderr: %s, want %q", text, c.want)
			}
		})
	}
}

// The document of --terraform needs no API, no credentials and no network.
func TestTerraformCallsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	w.credentials = nil
	args := []string{"oidc", "pubsub", "create", "push", "--topic", "orders", "--push-endpoint", "https://x.example.com", "--service-account", testAccount, "--terraform"}
	if code := w.run(t.Context(), args...); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	if !strings.Contains(w.out.String(), `resource "google_pubsub_subscription" "push" {`) || !strings.Contains(w.err.String(), "name the target with --target") {
		t.Errorf("stdout:\n%s\nstderr:\n%s", w.out.String(), w.err.String())
	}
}

// Two builds of one pipeline are one job: the body is the same to the byte, where
// protojson alone varies it.
func TestTheBodyOfAPipelineIsStable(t *testing.T) {
	t.Parallel()
	bodies := map[string]bool{}
	for range 3 {
		p := pipelineFlags{source: source{name: "cloudrun"}, parameters: parameterFlags{pairs: []string{"url=https://x.example.com"}}}
		var call callFlags
		w := newWorld(t, &fakeService{})
		if err := p.apply(t.Context(), w.factory, target{project: "p", location: "us-central1"}, &call.settings); err != nil {
			t.Fatal(err)
		}
		var document map[string]any
		if err := json.Unmarshal(call.settings.Body, &document); err != nil || document["serviceAccount"] != testAccount {
			t.Fatalf("body: %v, %s", err, call.settings.Body)
		}
		if strings.Contains(string(call.settings.Body), ": ") && strings.Contains(string(call.settings.Body), "{ ") {
			t.Error("the body has spaces between its tokens")
		}
		bodies[string(call.settings.Body)] = true
	}
	if len(bodies) != 1 {
		t.Errorf("%d different bodies of one pipeline", len(bodies))
	}
}

func TestOIDCExitCodes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		err  error
		want int
	}{
		{&rightsError{1}, exitcode.Identity},
		{&rights.GrantError{Denied: true, Err: os.ErrPermission}, exitcode.Identity},
		{&rights.GrantError{Err: os.ErrClosed}, exitcode.Unreachable},
		{&rights.EnableError{Denied: true, Err: os.ErrPermission}, exitcode.Identity},
		{&attemptError{"no"}, exitcode.Failed},
		{&waitError{"5m"}, exitcode.WaitTimeout},
		{&gapi.Error{Kind: gapi.ActAs}, exitcode.Identity},
		{&gapi.Error{Kind: gapi.NotFound}, exitcode.Unreachable},
		{&gapi.Error{Kind: gapi.Exists}, exitcode.Unreachable},
	}
	for _, c := range cases {
		if got := exitCode(t.Context(), fmt.Errorf("wrapped: %w", c.err)); got != c.want {
			t.Errorf("%T %v: exit code = %d, want %d", c.err, c.err, got, c.want)
		}
	}
}

func TestOIDCCures(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		err  *gapi.Error
		want string
	}{
		{"an API that is off", &gapi.Error{Kind: gapi.Permission, Reason: serviceDisabled}, "gcloud services enable cloudtasks.googleapis.com --project=my-project"},
		{"no credentials", &gapi.Error{Kind: gapi.Credentials}, cureCredentials},
		{"no actAs", &gapi.Error{Kind: gapi.ActAs, ServiceAccount: testAccount}, "gcloud iam service-accounts add-iam-policy-binding " + testAccount + " --project=local-project --member=user:dev@example.com --role=roles/iam.serviceAccountUser"},
		{"no permission", &gapi.Error{Kind: gapi.Permission}, "gcloud projects add-iam-policy-binding my-project --member=user:dev@example.com --role=roles/cloudtasks.admin --condition=None"},
		{"a quota", &gapi.Error{Kind: gapi.Quota}, "wait a minute"},
		{"nothing there", &gapi.Error{Kind: gapi.NotFound}, "`authpipe oidc tasks list` shows"},
		{"not reached", &gapi.Error{Kind: gapi.Unavailable}, "check that this network reaches cloudtasks.googleapis.com"},
		{"what nobody can mend", &gapi.Error{Kind: gapi.Internal}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := oidcSession[*cloudtaskspb.Queue]{kind: tasksKind(), target: target{project: "my-project"}, who: "user:dev@example.com"}
			got := s.cure(c.err)
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("cure = %q, want %q", got, c.want)
			}
		})
	}
}

// Every flag that says what one is like reaches it.
func TestEveryFlagReachesWhatIsMade(t *testing.T) {
	t.Parallel()
	common := []string{"--service-account", testAccount, "--audience", "custom-audience", "--target", "cloudrun:hello", "--region", "europe-west1", "--target-project", "other-project", "--terraform"}
	target := []string{`location = "europe-west1"`, `project  = "other-project"`, `name     = "hello"`}
	cases := []struct {
		name string
		args []string
		want []string
	}{
		{
			name: "scheduler", args: []string{
				"create", "nightly", "--location", "us-east1", "--project", "p-1", "--schedule", "0 3 * * *", "--time-zone", "UTC", "--description", "at night",
				"--url", "https://x.example.com/", "--method", "put", "-H", "X-A: b: c", "--body", "hello", "--attempt-deadline", "1m", "--max-retries", "1",
				"--max-retry-duration", "2m", "--min-backoff", "3s", "--max-backoff", "4s", "--max-doublings", "6",
			},
			want: []string{
				`region           = "us-east1"`, `project          = "p-1"`, `description      = "at night"`, `time_zone        = "UTC"`, `attempt_deadline = "60s"`,
				`retry_count          = 1`, `max_retry_duration   = "120s"`, `min_backoff_duration = "3s"`, `max_backoff_duration = "4s"`, `max_doublings        = 6`,
				`http_method = "PUT"`, `X-A = "b: c"`, `body = base64encode("hello")`, `audience              = "custom-audience"`,
			},
		},
		{
			name: "tasks", args: []string{
				"create", "work", "--url", "https://x.example.com/", "--max-dispatches-per-second", "1.5", "--max-concurrent-dispatches", "2", "--max-attempts", "3",
				"--max-retry-duration", "4s", "--min-backoff", "5s", "--max-backoff", "6s", "--max-doublings", "7",
			},
			want: []string{
				`max_dispatches_per_second = 1.5`, `max_concurrent_dispatches = 2`, `max_attempts       = 3`, `max_retry_duration = "4s"`,
				`min_backoff        = "5s"`, `max_backoff        = "6s"`, `max_doublings      = 7`,
			},
		},
		{
			name: "pubsub", args: []string{
				"create", "push", "--topic", "orders", "--push-endpoint", "https://x.example.com/", "--no-wrapper", "--write-metadata", "--ack-deadline", "20s",
				"--min-backoff", "1s", "--max-backoff", "2s", "--dead-letter-topic", "dead", "--max-delivery-attempts", "6", "--filter", `hasPrefix(attributes.a, "b")`,
			},
			want: []string{
				`ack_deadline_seconds = 20`, `minimum_backoff = "1s"`, `maximum_backoff = "2s"`, `max_delivery_attempts = 6`, `write_metadata = true`,
				`filter               = "hasPrefix(attributes.a, \"b\")"`, `audience              = "custom-audience"`, `topic                = google_pubsub_topic.orders.id`,
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			args := append(append([]string{"oidc", c.name}, c.args...), common...)
			if code := w.run(t.Context(), args...); code != exitcode.OK {
				t.Fatalf("exit code = %d: %s", code, w.err.String())
			}
			for _, want := range append(c.want, target...) {
				if !strings.Contains(w.out.String(), want) {
					t.Errorf("no %s in:\n%s", want, w.out.String())
				}
			}
		})
	}
}
