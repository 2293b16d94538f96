package image

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/tests/internal/engine"
)

// confined is all that a strict runtime takes from a container.
var confined = []string{"--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}

// step runs the image as a runtime does, with outputs in a folder of this
// machine that anybody may write to, and returns the folder.
func step(t *testing.T, e *engine.Engine, image string, options []string, parameters map[string]any) (dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		// What another user wrote is not ours to remove.
		t.Cleanup(func() {
			_, _ = e.Docker(context.Background(), "run", "--rm", "--network", "none", "--volume", dir+":/outputs", goBase, "rm", "-rf", "/outputs/deep")
		})
	}
	file := func(name string) map[string]string { return map[string]string{"outputFile": "/outputs/deep/" + name} }
	input, err := json.Marshal(map[string]any{
		"inputs": map[string]any{"parameterValues": parameters},
		"outputs": map[string]any{
			"parameters": map[string]any{"status_code": file("status_code"), "response_text": file("response_text"), "result": file("result")},
			"artifacts":  map[string]any{"response": map[string]any{"artifacts": []any{map[string]string{"name": "response", "uri": "/outputs/deep/response"}}}},
			"outputFile": "/outputs/executor_output.json",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"run", "--rm", "--network", "host", "--volume", dir + ":/outputs"}, options...)
	_, err = e.Docker(t.Context(), append(args, image, "/authcall", "component", "--executor_input", string(input))...)
	return dir, err
}

// Whatever user the runtime gives, and whatever it takes away: the step writes
// its outputs.
func TestStepRunsConfined(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	if err := build(e, "--target", "nonroot", "--tag", built+":nonroot"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(server.Close)
	cases := []struct {
		name, image string
		options     []string
	}{
		{name: "as it is", image: built},
		{name: "confined", image: built, options: confined},
		{name: "confined, as some user", image: built, options: append([]string{"--user", "12345:54321"}, confined...)},
		{name: "confined, nonroot", image: built + ":nonroot", options: confined},
		{name: "nonroot, as some user", image: built + ":nonroot", options: []string{"--user", "12345"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, err := step(t, e, c.image, c.options, map[string]any{"url": server.URL, "auth": "none"})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, name := range []string{"status_code", "response_text", "result", "response"} {
				data, err := os.ReadFile(filepath.Join(dir, "deep", name))
				if err != nil {
					t.Error(err)
				}
				got[name] = string(data)
			}
			if diff := cmp.Diff(map[string]string{"status_code": "200", "response_text": "hello", "result": "", "response": "hello"}, got); diff != "" {
				t.Errorf("outputs (-want +got):\n%s", diff)
			}
		})
	}
}

// The image has no certificate authorities: the program brings those that it
// trusts, and takes more where the user names some.
func TestStepChecksCertificates(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a handshake fails on purpose
	server.StartTLS()
	defer server.Close()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(roots, block, 0o644); err != nil {
		t.Fatal(err)
	}
	mount := []string{"--volume", roots + ":/roots.pem:ro"}
	if _, err := step(t, e, built, mount, map[string]any{"url": server.URL, "auth": "none", "roots": "/roots.pem"}); err != nil {
		t.Error(err)
	}
	_, err := step(t, e, built, mount, map[string]any{"url": server.URL, "auth": "none", "max_attempts": 1})
	if err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("the step took a certificate of nobody: %v", err)
	}
}

// Without a command the image tells what it is.
func TestImageTellsWhatItIs(t *testing.T) {
	t.Parallel()
	e := withImage(t)
	if help := docker(t, e, "run", "--rm", "--network", "none", built); !strings.Contains(help, "Commands:") {
		t.Errorf("docker run printed %q, want help", help)
	}
	want := "authcall " + release + " " + commit + " "
	if version := docker(t, e, "run", "--rm", "--network", "none", built, "/authcall", "version"); !strings.HasPrefix(version, want) {
		t.Errorf("version %q, want %q", version, want)
	}
}
