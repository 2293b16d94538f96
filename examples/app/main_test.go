package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp"
)

const (
	audience = "https://hello.example.com"
	caller   = "caller@local-project.iam.gserviceaccount.com"
	pipeline = "pipeline@local-project.iam.gserviceaccount.com"
)

// build makes the example and the program that calls it.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", dir+string(filepath.Separator), ".", "../../cmd/authcall")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

// stepEnv starts a local Google and gives the environment of a step in it.
func stepEnv(t *testing.T) []string {
	t.Helper()
	server, err := localgcp.Start(t.Context(), localgcp.Options{StateDir: t.TempDir(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	env, err := server.StepEnv(pipeline)
	if err != nil {
		t.Fatal(err)
	}
	return append(env, "HOME="+t.TempDir())
}

// start runs the example as the README says, and returns its URL.
func start(t *testing.T, dir string, env []string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "app"))
	cmd.Env = append(env, "ADDRESS=127.0.0.1:0", "AUDIENCES="+audience, "CALLERS="+caller)
	for _, v := range env {
		if api, ok := strings.CutPrefix(v, "AUTHCALL_IAM_ENDPOINT="); ok {
			cmd.Env = append(cmd.Env, "KEYS_URL="+api+"/oauth2/v3/certs")
		}
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close() // the child has its own
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // by the signal
		_ = reader.Close()
	})
	line, err := bufio.NewReader(reader).ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("the example says %q, %v", line, err)
	}
	return "http://" + address
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestApp(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	dir, env := build(t), stepEnv(t)
	url := start(t, dir, env)
	if status, body := get(t, url+"/healthz"); status != http.StatusOK || body != "hello, anybody\n" {
		t.Errorf("the public path: got %d %q", status, body)
	}
	if status, body := get(t, url); status != http.StatusUnauthorized {
		t.Errorf("without a token: got %d %q, want 401", status, body)
	}
	tests := []struct {
		name, audience, account, want string
	}{
		{"caller", audience, caller, "hello, " + caller + "\n"},
		{"other audience", "https://other.example.com", caller, "401"},
		{"other caller", audience, pipeline, "403"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "authcall"), "call", "--service-account", tt.account, "--audience", tt.audience, url)
			cmd.Env = env
			out, err := cmd.CombinedOutput()
			if !strings.Contains(string(out), tt.want) || (err == nil) != strings.HasPrefix(tt.want, "hello") {
				t.Errorf("got %q, %v, want %q", out, err, tt.want)
			}
		})
	}
}
