package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authcall/authcall/tests/internal/need"
)

const functionConfig = `
accounts: [{email: pipeline@local-project.iam.gserviceaccount.com}, {email: caller@local-project.iam.gserviceaccount.com}]
users: [developer@example.com]
bindings:
  - {role: roles/cloudfunctions.admin, members: ["user:developer@example.com"]}
  - {role: roles/iam.serviceAccountOpenIdTokenCreator, members: ["serviceAccount:pipeline@local-project.iam.gserviceaccount.com"]}
services: [{name: greet, kind: function-gen1, app: hello}, {name: resize, kind: function, app: hello}]
`

// gcloud finds the generation of a function by itself. It lets a caller into one of
// the first; for one of the second that is the business of its Cloud Run service.
func TestGcloudLetsCallersIntoAFunction(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs gcloud")
	gcloud := need.Program(t, "gcloud")
	config := filepath.Join(t.TempDir(), "google.yaml")
	if err := os.WriteFile(config, []byte(functionConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	google := localUp(t, "--config", config)
	for _, function := range []string{"greet", "resize"} {
		cmd := exec.CommandContext(t.Context(), gcloud, "functions", "add-iam-policy-binding", function, "--region=us-central1",
			"--member=serviceAccount:"+caller, "--role=roles/cloudfunctions.invoker")
		cmd.Env = append(bareEnv(t), google.env...)
		out, err := cmd.CombinedOutput()
		if second := strings.Contains(string(out), "2nd gen"); err != nil || second != (function == "resize") {
			t.Fatalf("gcloud: %v, for %s\n%s", err, function, out)
		}
	}
	url := google.value(t, "AUTHPIPE_LOCAL_URL_GREET")
	if answer := ours(t, google.env, "call", "--service-account", caller, "--audience", url, url); !strings.Contains(answer, caller) {
		t.Errorf("the function answered %q, want it to greet %s", answer, caller)
	}
}
