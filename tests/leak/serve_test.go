package leak

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const receiverConfig = `url: https://events.example.com
project: local-project
location: us-central1
pipeline_root: gs://local-bucket/runs
service_account: pipeline@local-project.iam.gserviceaccount.com
routes:
  - {path: /events, from: http, callers: [caller@local-project.iam.gserviceaccount.com], pipeline: cloudrun, parameters: {url: .body.url, headers: .headers}}
  - {path: /others, from: http, callers: [other@local-project.iam.gserviceaccount.com], pipeline: cloudrun, parameters: {url: .text}}
`

// The receiver shows no token either: neither of those that are sent to it nor of its
// own, whatever it does with them.
func TestTheReceiverShowsNoToken(t *testing.T) {
	w := newWorld(t)
	token, _, code := w.run(t, "authcall", "token", "--service-account", caller, "--audience", "https://events.example.com")
	if token = strings.TrimSpace(token); code != 0 || token == "" {
		t.Fatal("no token to send")
	}
	base, end := w.serve(t)
	cut := token[:strings.LastIndexByte(token, '.')]
	for _, c := range []struct {
		name, path, authorization, key, body string
		want                                 int
	}{
		{"good", "/events", "Bearer " + token, "1", `{"url": "http://127.0.0.1:1"}`, http.StatusOK},
		{"again", "/events", "Bearer " + token, "1", `{"url": "http://127.0.0.1:1"}`, http.StatusOK},
		{"of no use", "/events", "Bearer " + token, "2", `{"url": 7}`, http.StatusBadRequest},
		{"token in the body", "/events", "Bearer " + token, "3", `"` + token + `"`, http.StatusBadRequest},
		{"another caller", "/others", "Bearer " + token, "4", "x", http.StatusForbidden},
		{"unsigned", "/events", "Bearer " + cut + ".", "5", "x", http.StatusUnauthorized},
		{"forged", "/events", "Bearer " + cut + "." + strings.Repeat("A", 342), "6", "x", http.StatusUnauthorized},
		{"two", "/events", "Bearer " + token + " " + token, "7", "x", http.StatusUnauthorized},
		{"no path", "/" + token, "Bearer " + token, "8", "x", http.StatusNotFound},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", c.authorization)
		request.Header.Set("Idempotency-Key", c.key)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		_, err = text.ReadFrom(answer.Body)
		if _ = answer.Body.Close(); err != nil || answer.StatusCode != c.want {
			t.Errorf("%s: got %d %s, %v, want %d", c.name, answer.StatusCode, &text, err, c.want)
		}
		if c.name != "token in the body" { // a sender is shown of an event what an expression fails on
			unseen(t, "the answer to "+c.name, text.String())
		}
	}
	unseen(t, "the log", end())
	noLeak(t, filepath.Join(w.root, "google", "jobs"))
}

// serve starts a receiver; end ends it and returns its log.
func (w *world) serve(t *testing.T) (base string, end func() string) {
	t.Helper()
	dir := t.TempDir()
	config, envFile := filepath.Join(dir, "events.yaml"), filepath.Join(dir, "env")
	if err := os.WriteFile(config, []byte(receiverConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(self)
	cmd.Args = []string{"authpipe", "serve", "--config", config, "--listen", "127.0.0.1:0", "--env-file", envFile, "--log-level", "debug", "--keys-url", w.keysURL(t)}
	cmd.Dir, cmd.Env, cmd.Stderr = dir, w.env, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() string {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("authpipe serve: %v", err)
		}
		return log.String()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if data, err := os.ReadFile(envFile); err == nil {
			_, base, _ = strings.Cut(strings.TrimSpace(string(data)), "'")
			return strings.TrimSuffix(base, "'"), end
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("authpipe serve did not start: %s", end())
		}
	}
}

// keysURL is where the local Google has its keys.
func (w *world) keysURL(t *testing.T) string {
	t.Helper()
	for _, v := range w.env {
		if api, ok := strings.CutPrefix(v, "AUTHCALL_IAM_ENDPOINT="); ok {
			return api + "/oauth2/v3/certs"
		}
	}
	t.Fatal("the environment names no API")
	return ""
}
