package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/authcall/authcall/tests/internal/need"
)

// What docs/serve.md names, and what stands for it here.
const (
	guideURL     = "https://events-123456789012.us-central1.run.app"
	guideProject = "my-project"
)

// The guide's commands of gcloud, as they stand but for the project and the address
// that is called, make the senders of the guide's configuration, and each of these
// becomes a run.
func TestTheReceiversGuide(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs gcloud")
	need.Program(t, "gcloud")
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "serve.md"))
	if err != nil {
		t.Fatal(err)
	}
	google := localUp(t)
	env := append(bareEnv(t), google.env...)
	elsewhere := regexp.MustCompile(`https://(refresh|orders|load)-[^"/]*`) // what the runs would call
	text := elsewhere.ReplaceAllString(string(guide), "http://127.0.0.1:1")
	receiver := startReceiver(t, env, between(t, text, "```yaml\n"))
	local := strings.NewReplacer(
		guideProject, "local-project",
		`"user:$(gcloud config get account)"`, "user:developer@example.com",
		"--uri "+guideURL, "--uri "+receiver, "--url "+guideURL, "--url "+receiver, "--push-endpoint "+guideURL, "--push-endpoint "+receiver,
	)
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) != 2 {
		t.Fatalf("the guide has %d blocks of commands, want those of the accounts and those of the senders", len(blocks))
	}
	for _, block := range blocks {
		for line := range strings.Lines(block[1]) {
			line = local.Replace(strings.TrimSpace(line))
			cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
			cmd.Env = env
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", line, err, out)
			}
		}
	}
	got := awaitSenders(t, google, 3)
	if strings.Join(got, " ") != "pubsub scheduler tasks" {
		t.Errorf("runs were started by %q, want each sender's one", got)
	}
}

// between is the block that begins with a line.
func between(t *testing.T, text, begin string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, begin)
	block, _, closed := strings.Cut(rest, "```\n")
	if !ok || !closed {
		t.Fatalf("the guide has no block that begins with %q", begin)
	}
	return block
}

// startReceiver runs authpipe serve with the guide's configuration until the test ends,
// and returns where it is.
func startReceiver(t *testing.T, env []string, config string) string {
	t.Helper()
	dir := t.TempDir()
	file, envFile := filepath.Join(dir, "events.yaml"), filepath.Join(dir, "env")
	config = strings.ReplaceAll(config, guideProject, "local-project")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("authpipe", "serve", "--config", file, "--listen", "127.0.0.1:0", "--env-file", envFile)
	cmd.Env = env
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if err := <-ended; err != nil || t.Failed() {
			t.Errorf("authpipe serve: %v\n%s", err, &log)
		}
	})
	poll(t, func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatal("authpipe serve did not start")
		default:
		}
		_, err := os.Stat(envFile)
		return err == nil
	})
	data, err := os.ReadFile(envFile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(string(data)), "export AUTHPIPE_SERVE_URL="), "'")
}

// poll asks until something is so.
func poll(t *testing.T, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			t.Fatal("it does not come about")
		case <-tick.C:
		}
	}
}

// awaitSenders waits for so many runs and returns who sent the events, sorted by name.
func awaitSenders(t *testing.T, google *localGoogle, count int) []string {
	t.Helper()
	token, err := os.ReadFile(google.value(t, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	url := google.value(t, "AUTHCALL_IAM_ENDPOINT") + "/v1/projects/local-project/locations/us-central1/pipelineJobs"
	senders := map[string]bool{}
	var runs struct {
		PipelineJobs []struct{ Labels map[string]string }
	}
	poll(t, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		if err := json.NewDecoder(answer.Body).Decode(&runs); err != nil {
			t.Fatal(err)
		}
		return len(runs.PipelineJobs) >= count
	})
	for _, run := range runs.PipelineJobs {
		senders[run.Labels["authpipe-sender"]] = true
	}
	if len(runs.PipelineJobs) != count {
		t.Errorf("there are %d runs, want %d", len(runs.PipelineJobs), count)
	}
	return slices.Sorted(maps.Keys(senders))
}
