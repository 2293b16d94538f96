package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authcall/authcall/tests/internal/need"
)

// uncured is a local Google where everything is missing that a call needs.
const uncured = `
accounts: [{email: pipeline@local-project.iam.gserviceaccount.com}, {email: caller@local-project.iam.gserviceaccount.com}]
users: [developer@example.com]
bindings:
  - {role: roles/iam.serviceAccountAdmin, members: ["user:developer@example.com"]}
  - {role: roles/run.admin, members: ["user:developer@example.com"]}
  - {role: roles/secretmanager.admin, members: ["user:developer@example.com"]}
  - {role: roles/serviceusage.serviceUsageAdmin, members: ["user:developer@example.com"]}
disabled_apis: [iamcredentials.googleapis.com]
secrets: [{name: api-key, versions: [value]}]
services: [{name: hello, kind: cloudrun, app: hello}]
`

// What an error says to run mends it: gcloud runs each cure as it is printed, with
// only the placeholders filled in that no error can know, until the call is made.
func TestPrintedCuresMendTheCall(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs gcloud")
	gcloud := need.Program(t, "gcloud")
	config := filepath.Join(t.TempDir(), "google.yaml")
	if err := os.WriteFile(config, []byte(uncured), 0o600); err != nil {
		t.Fatal(err)
	}
	google := localUp(t, "--config", config)
	hello := google.value(t, "AUTHPIPE_LOCAL_URL_HELLO")
	env := append(bareEnv(t), google.env...)
	env = append(env, `AUTHCALL_SECRET_HEADERS={"X-Key":"projects/local-project/secrets/api-key/versions/latest"}`)

	for _, want := range []string{
		"gcloud secrets add-iam-policy-binding api-key ",
		"gcloud services enable iamcredentials.googleapis.com",
		"gcloud iam service-accounts add-iam-policy-binding " + caller,
		"gcloud run services add-iam-policy-binding ",
	} {
		cure := cureOf(t, env, "call", "--service-account", caller, hello)
		if !strings.HasPrefix(cure, want) {
			t.Fatalf("the cure is %q, want %s…", cure, want)
		}
		cure = strings.NewReplacer("SERVICE", "hello", "REGION", "us-central1").Replace(cure)
		cmd := exec.CommandContext(t.Context(), gcloud, strings.Fields(cure)[1:]...)
		cmd.Env = env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cure, err, out)
		}
	}
	if answer := ours(t, env, "call", "--service-account", caller, hello); !strings.Contains(answer, caller) {
		t.Errorf("after all cures the service answered %q, want it to greet %s", answer, caller)
	}
}

// cureOf runs authcall, which must fail, and returns the command that it advises.
func cureOf(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "authcall", args...)
	cmd.Env = env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err == nil {
		t.Fatalf("authcall %s succeeded, want a failure to cure", strings.Join(args, " "))
	}
	_, cure, found := strings.Cut(stderr.String(), "to fix: ")
	if !found {
		t.Fatalf("authcall %s advises nothing:\n%s", strings.Join(args, " "), &stderr)
	}
	return strings.TrimSpace(cure)
}

// Accounts that gcloud makes can be given rights and used.
func TestGcloudMakesAnAccount(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs gcloud")
	gcloud := need.Program(t, "gcloud")
	google := localUp(t)
	const fresh = "fresh-robot@local-project.iam.gserviceaccount.com"
	for _, command := range []string{
		"iam service-accounts create fresh-robot",
		"iam service-accounts add-iam-policy-binding " + fresh + " --member=serviceAccount:pipeline@local-project.iam.gserviceaccount.com --role=roles/iam.serviceAccountOpenIdTokenCreator",
		"run services add-iam-policy-binding hello --region=us-central1 --member=serviceAccount:" + fresh + " --role=roles/run.invoker",
		"iap web add-iam-policy-binding --resource-type=backend-services --service=dashboard --member=serviceAccount:" + fresh + " --role=roles/iap.httpsResourceAccessor",
	} {
		cmd := exec.CommandContext(t.Context(), gcloud, strings.Fields(command)...)
		cmd.Env = append(bareEnv(t), google.env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("gcloud %s: %v\n%s", command, err, out)
		}
	}
	for _, call := range [][]string{
		{google.value(t, "AUTHPIPE_LOCAL_URL_HELLO")},
		{"--audience", "123456789012-dashboard.apps.googleusercontent.com", google.value(t, "AUTHPIPE_LOCAL_URL_DASHBOARD")},
	} {
		args := append([]string{"call", "--service-account", fresh}, call...)
		if answer := ours(t, google.env, args...); !strings.Contains(answer, fresh) {
			t.Errorf("authcall %v got %q, want it to greet %s", args, answer, fresh)
		}
	}
}
