package conformance

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/tests/internal/need"
)

// senders is a local Google with a target of each kind, and nobody who may call one.
const senders = `
accounts: [{email: pipeline@local-project.iam.gserviceaccount.com}, {email: caller@local-project.iam.gserviceaccount.com}]
users: [developer@example.com]
bindings:
  - {role: roles/iam.serviceAccountAdmin, members: ["user:developer@example.com"]}
  - {role: roles/run.admin, members: ["user:developer@example.com"]}
  - {role: roles/cloudfunctions.admin, members: ["user:developer@example.com"]}
  - {role: roles/iap.admin, members: ["user:developer@example.com"]}
  - {role: roles/resourcemanager.projectIamAdmin, members: ["user:developer@example.com"]}
  - {role: roles/cloudscheduler.admin, members: ["user:developer@example.com"]}
  - {role: roles/cloudtasks.admin, members: ["user:developer@example.com"]}
  - {role: roles/pubsub.admin, members: ["user:developer@example.com"]}
services:
  - {name: hello, kind: cloudrun, app: hello}
  - {name: resize, kind: function, app: hello}
  - {name: greet, kind: function-gen1, app: hello}
  - {name: dashboard, kind: iap, app: hello, client_id: 1234-abc.apps.googleusercontent.com}
  - {name: gateway, kind: apigateway, app: hello, audiences: [https://api.example.com]}
  - {name: mesh, kind: envoy, app: hello, audiences: [https://api.example.com]}
`

// guide is the commands of docs/oidc.md, by their block and what stands above them.
type guide map[string]map[string][]string

func readGuide(t *testing.T) guide {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "oidc.md"))
	if err != nil {
		t.Fatal(err)
	}
	g := guide{}
	for _, block := range regexp.MustCompile("(?s)<!-- commands: (\\w+) -->\n```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		title := "IAM"
		g[block[1]] = map[string][]string{}
		for line := range strings.Lines(block[2]) {
			line = strings.TrimSpace(line)
			switch heading, isHeading := strings.CutPrefix(line, "# "); {
			case isHeading:
				title, _, _ = strings.Cut(heading, ", for ")
			case line != "":
				g[block[1]][title] = append(g[block[1]][title], line)
			}
		}
	}
	return g
}

// shell runs the guide's commands with its variables.
type shell struct {
	dir string
	env []string
}

func (s shell) with(variables ...string) shell {
	return shell{s.dir, append(append([]string(nil), s.env...), variables...)}
}

// run returns what the command says, and its exit code.
func (s shell) run(t *testing.T, command string) (said string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command) // as the reader's own
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatalf("%s: %v", command, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (s shell) must(t *testing.T, command string) string {
	t.Helper()
	said, code := s.run(t, command)
	if code != 0 {
		t.Fatalf("%s: exit code %d\n%s", command, code, said)
	}
	return said
}

// expand puts the variables into a command.
func (s shell) expand(command string) string {
	return os.Expand(command, func(name string) string {
		value := ""
		for _, e := range s.env {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				value = v
			}
		}
		return value
	})
}

// The guide's commands do what it says: what authpipe finds missing is what the guide
// grants, with gcloud; what gcloud sets up is, to authpipe, what its own command would
// have; and then the target takes the call.
func TestTheGuideToSendersHolds(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs gcloud")
	need.Program(t, "gcloud")
	config := filepath.Join(t.TempDir(), "google.yaml")
	if err := os.WriteFile(config, []byte(senders), 0o600); err != nil {
		t.Fatal(err)
	}
	google, g := localUp(t, "--config", config), readGuide(t)
	sh := shell{t.TempDir(), append(bareEnv(t), google.env...)}.with(
		"PROJECT=local-project", "NUMBER=123456789012", "REGION=us-central1", "ME=user:developer@example.com", "CALLER="+caller,
		"PIPELINE=pipeline@local-project.iam.gserviceaccount.com", "ROOT=gs://local-bucket/runs",
		"CLIENT_ID=1234-abc.apps.googleusercontent.com", "AUDIENCE=https://api.example.com")

	granted := g["rights"]["IAM"]
	said, code := sh.with("URL="+google.value(t, "AUTHPIPE_LOCAL_URL_HELLO")).run(t, g["run"]["Cloud Scheduler, with authpipe"][0])
	checkCures(t, sh, said, code, append(append([]string(nil), granted...), g["run"]["IAM"]...), 3)
	for _, command := range granted {
		sh.must(t, command)
	}
	for block, service := range map[string]string{
		"run": "HELLO", "gen2": "RESIZE", "gen1": "GREET", "iap": "DASHBOARD", "gateway": "GATEWAY", "mesh": "MESH", "serve": "MESH", "vertex": "HELLO",
	} {
		t.Run(block, func(t *testing.T) {
			t.Parallel()
			in := sh.with("URL=" + google.value(t, "AUTHPIPE_LOCAL_URL_"+service))
			in.dir = t.TempDir()
			if block == "vertex" {
				writeJob(t, in)
			}
			checkBlock(t, in, block, g[block])
		})
	}
	if len(g) != 9 {
		t.Errorf("the guide has %d blocks, want all 9 to be run", len(g))
	}
}

// checkCures wants that so many rights are missing, each with a command of the guide.
func checkCures(t *testing.T, sh shell, said string, code int, commands []string, want int) {
	t.Helper()
	found := 0
	for _, fix := range regexp.MustCompile(`(?m)^ +to fix: (.*)$`).FindAllStringSubmatch(said, -1) {
		found++
		known := false
		for _, command := range commands {
			known = known || sh.expand(command) == fix[1]
		}
		if !known {
			t.Errorf("the cure is not in the guide: %s", fix[1])
		}
	}
	if code != 3 || found != want {
		t.Errorf("exit code %d and %d cures, want 3 and %d:\n%s", code, found, want, said)
	}
}

func checkBlock(t *testing.T, sh shell, block string, commands map[string][]string) {
	if iam := commands["IAM"]; len(iam) > 0 {
		said, code := sh.run(t, commands["Cloud Scheduler, with authpipe"][0])
		missing := len(iam)
		if block == "vertex" {
			missing-- // the agent of the other sender
		}
		checkCures(t, sh, said, code, iam, missing)
		for _, command := range iam {
			sh.must(t, command)
		}
	}
	for _, sender := range []string{"Cloud Scheduler", "Cloud Tasks", "Pub/Sub"} {
		if block == "vertex" && sender == "Pub/Sub" {
			continue
		}
		theirs, ours := commands[sender+", with gcloud"], commands[sender+", with authpipe"]
		if len(theirs) == 0 || len(ours) == 0 {
			t.Errorf("the guide has no commands for %s", sender)
			continue
		}
		for _, command := range theirs {
			sh.must(t, command)
		}
		for _, command := range ours {
			if said := sh.must(t, command); !strings.Contains(said, " is unchanged\n") && !strings.Contains(said, "enqueued ") {
				t.Errorf("%s: after gcloud's own command it is another: %s", command, said)
			}
		}
	}
	sh.must(t, "authpipe oidc scheduler run "+block+"-nightly")
	awaitEmpty(t, sh, block+"-work")
	if block != "vertex" {
		sh.must(t, "authpipe oidc pubsub run "+block+"-push --data hello")
	}
}

// awaitEmpty waits until all tasks of a queue have succeeded, upon which they are gone.
func awaitEmpty(t *testing.T, sh shell, queue string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		said := sh.must(t, "authpipe oidc tasks list "+queue)
		if strings.Contains(said, "no tasks in "+queue) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("tasks are left: %s", said)
		case <-tick.C:
		}
	}
}

// writeJob makes the body of the guide's calls to the Vertex AI API, as it says.
func writeJob(t *testing.T, sh shell) {
	t.Helper()
	var request struct {
		PipelineJob map[string]any `json:"pipelineJob"`
	}
	out := sh.must(t, "authpipe submit cloudrun -p url=$URL -p service_account=$CALLER --service-account=$PIPELINE --pipeline-root=$ROOT --dry-run")
	if err := json.Unmarshal([]byte(out), &request); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(request.PipelineJob)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sh.dir, "job.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
