package image

import (
	"bufio"
	"bytes"
	"context"
	"debug/elf"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/tests/internal/engine"
	"github.com/authcall/authcall/tests/internal/localup"
)

// receiverConfig is where Cloud Run would mount the secret.
const receiverConfig = `url: https://events.example.com
routes:
  - {path: /events, from: http, callers: [caller@local-project.iam.gserviceaccount.com], pipeline: cloudrun, parameters: {url: '"http://127.0.0.1:1"'}}
`

// The receiver's image as Cloud Run runs it: with the port in PORT, the configuration as a
// mounted file, and SIGTERM at the end. An event with a real token becomes a run.
func TestTheReceiversImage(t *testing.T) {
	t.Parallel()
	e := withBase(t)
	if err := build(e, "--target", "authpipe", "--tag", receiverImage); err != nil {
		t.Fatal(err)
	}
	checkReceiverFiles(t, e)
	google := localup.Start(t)
	name, url := startContainer(t, e, google)
	await(t, url+"/readyz")

	call := exec.CommandContext(t.Context(), "authcall", "call", "--service-account", "caller@local-project.iam.gserviceaccount.com",
		"--audience", "https://events.example.com/events", "-H", "Idempotency-Key: 1", "-d", "{}", url+"/events")
	call.Env = append(localup.BareEnv(t), google.Env...)
	if out, err := call.CombinedOutput(); err != nil || !strings.Contains(string(out), `"state":"submitted"`) {
		t.Errorf("the event was answered %s, %v", out, err)
	}
	docker(t, e, "stop", "--time", "20", name)
	if code := strings.TrimSpace(docker(t, e, "inspect", "--format", "{{.State.ExitCode}}", name)); code != "0" {
		t.Errorf("SIGTERM ended it with %s, want 0", code)
	}
}

// checkReceiverFiles wants the program and nothing else, static, not as root.
func checkReceiverFiles(t *testing.T, e *engine.Engine) {
	t.Helper()
	config := inspect(t, e, receiverImage).Config
	if config.User != "65532:65532" || strings.Join(config.Entrypoint, " ") != "/authpipe" || config.Cmd[0] != "serve" {
		t.Errorf("the image runs %q %q as %q", config.Entrypoint, config.Cmd, config.User)
	}
	program, err := elf.NewFile(bytes.NewReader(files(t, e, receiverImage)["authpipe"].data))
	if err != nil {
		t.Fatal(err)
	}
	if program.Section(".interp") != nil || program.Section(".symtab") != nil {
		t.Error("the program is not static, or not stripped")
	}
	// The image has no certificate authorities: the program brings them.
	linked := exec.CommandContext(t.Context(), "go", "list", "-deps", receiver)
	linked.Dir = ours.source
	if out, err := linked.Output(); err != nil || !strings.Contains(string(out), "golang.org/x/crypto/x509roots/fallback/bundle\n") {
		t.Errorf("the program brings no certificate authorities: %v", err)
	}
}

// startContainer runs the image before a local Google until the test ends.
func startContainer(t *testing.T, e *engine.Engine, google *localup.Google) (name, url string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "events.yaml")
	if err := os.WriteFile(file, []byte(receiverConfig), 0o644); err != nil {
		t.Fatal(err)
	}
	// Of this machine's ports it takes one that is free, and logs which.
	args := []string{"run", "--detach", "--network", "host", "--volume", file + ":/etc/authpipe/events.yaml:ro", "--env", "PORT=0"}
	for _, variable := range google.Env {
		if strings.HasPrefix(variable, "AUTHPIPE_SUBMITTER_") {
			continue // a file of this machine; the receiver is who the metadata server says
		}
		if strings.HasPrefix(variable, "AUTHPIPE_") || strings.HasPrefix(variable, "GCE_METADATA_") {
			args = append(args, "--env", variable)
		}
	}
	name = strings.TrimSpace(docker(t, e, append(append(args, confined...), receiverImage)...))
	t.Cleanup(func() {
		if t.Failed() {
			logs := exec.CommandContext(context.Background(), "docker", "logs", name)
			logs.Env = append(os.Environ(), e.Env()...)
			out, err := logs.CombinedOutput() // it logs on stderr
			t.Logf("its log: %s, %v", out, err)
		}
		_, _ = e.Docker(context.Background(), "rm", "--force", name)
	})
	return name, addressOf(t, e, name)
}

// addressOf waits until the container's log tells where it listens.
func addressOf(t *testing.T, e *engine.Engine, name string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	logs := exec.CommandContext(ctx, "docker", "logs", "--follow", name)
	logs.Env = append(os.Environ(), e.Env()...)
	stderr, err := logs.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := logs.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stop(); _ = logs.Wait() }() // killed
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		var line struct{ Address string }
		if err := json.Unmarshal(lines.Bytes(), &line); err == nil && line.Address != "" {
			return line.Address
		}
	}
	t.Fatal("the container does not tell where it listens")
	return ""
}

// await waits until a URL answers with success.
func await(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	said := ""
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			text, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if said = string(text); answer.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s does not answer with success; it says %q", url, said)
		case <-tick.C:
		}
	}
}
