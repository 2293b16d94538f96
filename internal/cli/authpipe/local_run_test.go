package authpipe

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/interrupt"
)

// TestMain makes the test's binary play the step, as the program does: local
// runs start themselves again under that name. It plays the program too, for
// what an environment does to a whole process.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "authcall":
		os.Exit(authcall.Main(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	case "authpipe":
		ctx, stop := interrupt.Context(context.Background())
		code := Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// result is what the whole program left.
type result struct {
	code        int
	out, errors string
}

func runMain(t *testing.T, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := Main(t.Context(), args, strings.NewReader(""), &out, &errs)
	return result{code: code, out: out.String(), errors: errs.String()}
}

// The whole way: the program, the local Google, the runner and the step.
func TestALocalRunCallsTheExample(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	for _, pipeline := range []string{"cloudrun", "iap"} {
		got := runMain(t, "submit", pipeline, "--local", "--state-dir", state, "--job-id", pipeline, "-o", "json")
		if got.code != exitcode.OK {
			t.Fatalf("%s: exit code = %d: %s", pipeline, got.code, got.errors)
		}
		var job struct{ State string }
		if err := json.Unmarshal([]byte(got.out), &job); err != nil || job.State != "PIPELINE_STATE_SUCCEEDED" {
			t.Errorf("%s: job = %+v, %v", pipeline, job, err)
		}
		const identity = "pipeline@local-project.iam.gserviceaccount.com as caller@local-project.iam.gserviceaccount.com"
		if !strings.Contains(got.errors, identity) {
			t.Errorf("%s: stderr does not say who called as whom:\n%s", pipeline, got.errors)
		}
		response := filepath.Join(state, "gcs", "local-bucket", "runs", pipeline, "call", "response")
		if !strings.Contains(got.errors, response) {
			t.Errorf("%s: stderr does not say where the response lies:\n%s", pipeline, got.errors)
		}
		if body, err := os.ReadFile(response); err != nil || len(body) == 0 {
			t.Errorf("%s: response = %q, %v", pipeline, body, err)
		}
	}
	// Another local Google finds the runs of the first.
	if got := runMain(t, "runs", "list", "--local", "--state-dir", state); got.code != exitcode.OK || strings.Count(got.errors, "succeeded") != 2 {
		t.Errorf("runs list: exit code = %d: %s", got.code, got.errors)
	}
	if got := runMain(t, "runs", "get", "iap", "--local", "--state-dir", state); got.code != exitcode.OK || !strings.Contains(got.errors, "iap succeeded") {
		t.Errorf("runs get: exit code = %d: %s", got.code, got.errors)
	}
}

func TestALocalRunThatFailsTellsWhyAndWhere(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	got := runMain(t, "submit", "cloudrun", "--local", "--state-dir", state, "--job-id", "job", "-p", "service_account=none@local-project.iam.gserviceaccount.com")
	if got.code != exitcode.Failed {
		t.Fatalf("exit code = %d, want %d: %s", got.code, exitcode.Failed, got.errors)
	}
	log := filepath.Join(state, "gcs", "local-bucket", "runs", "job", "call", "executor-logs")
	for _, want := range []string{"run job failed: task call: ", "IAM_PERMISSION_DENIED", "; to fix: gcloud ", log} {
		if !strings.Contains(got.errors, want) {
			t.Errorf("stderr does not tell %q:\n%s", want, got.errors)
		}
	}
}

// A copy of the step's image needs no container engine to be tried, whether the
// pipeline is built in or a file.
func TestALocalRunInACopyOfTheImage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pipeline.yaml")
	if err := os.WriteFile(file, specYAML(t, "cloudrun"), 0o600); err != nil {
		t.Fatal(err)
	}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("served")) }))
	defer service.Close()
	for _, pipeline := range []string{"cloudrun", file} {
		got := runMain(t, "submit", pipeline, "--local", "--state-dir", t.TempDir(), "--image", "registry.example.com/team/step:v1",
			"-p", "url="+service.URL, "-p", "auth=none")
		if got.code != exitcode.OK || !strings.Contains(got.errors, "answer     served") {
			t.Errorf("%s: exit code = %d: %s", pipeline, got.code, got.errors)
		}
	}
}

func TestALocalRunIsRefusedAnAccount(t *testing.T) {
	t.Parallel()
	got := runMain(t, "submit", "cloudrun", "--local", "--state-dir", t.TempDir(), "--service-account", "other@local-project.iam.gserviceaccount.com")
	if got.code != exitcode.Identity || !strings.Contains(got.errors, "--member=user:developer@example.com --role=roles/iam.serviceAccountUser") {
		t.Errorf("exit code = %d: %s", got.code, got.errors)
	}
}

func TestTheLocalGoogleDoesNotStart(t *testing.T) {
	t.Parallel()
	got := runMain(t, "submit", "cloudrun", "--local", "--state-dir", "/dev/null/x")
	if got.code != exitcode.Usage || !strings.HasPrefix(got.errors, "authpipe: the local Google did not start: ") || !strings.HasSuffix(got.errors, "; to fix: give --state-dir a folder that you may write to\n") {
		t.Errorf("exit code = %d: %s", got.code, got.errors)
	}
}
