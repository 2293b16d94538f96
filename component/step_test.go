package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/exitcode"
)

// newStep is a step whose calls carry no credential.
func newStep(t *testing.T) *Step {
	t.Helper()
	config, policy, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	config.Auth = auth.None
	return &Step{Config: config, Policy: policy, Log: zerolog.Nop()}
}

// inputFor is an executor input with these parameters and all outputs below dir.
func inputFor(t *testing.T, dir string, parameters map[string]any) string {
	t.Helper()
	file := func(name string) map[string]string { return map[string]string{"outputFile": filepath.Join(dir, name)} }
	data, err := json.Marshal(map[string]any{
		"inputs": map[string]any{"parameterValues": parameters},
		"outputs": map[string]any{
			"parameters": map[string]any{"status_code": file("status_code"), "response_text": file("response_text"), "result": file("result")},
			"artifacts":  map[string]any{"response": map[string]any{"artifacts": []any{map[string]string{"name": "n", "uri": filepath.Join(dir, "response")}}}},
			"outputFile": filepath.Join(dir, "out.json"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestStepWritesEveryOutput(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != "PUT" || r.Header.Get("X-Team") != "ml" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("request %s %v, %v", r.Method, r.Header, err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "session=hunter2")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"got": %s}`, body)
	}))
	defer server.Close()
	dir := t.TempDir()
	err := newStep(t).Run(t.Context(), inputFor(t, dir, map[string]any{
		"url": server.URL + "/a?key=hunter2", "method": "PUT", "headers": map[string]string{"X-Team": "ml"}, "body": `{"n": 1}`,
		"timeout_seconds": 30.0, "success": ".status == 201", "result": ".body.got.n", "audience": nil,
	}))
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		ParameterValues map[string]any
		Artifacts       map[string]struct {
			Artifacts []struct{ Metadata map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(read(t, dir, "out.json")), &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"status_code": 201.0, "response_text": `{"got": {"n": 1}}`, "result": "1"}, out.ParameterValues); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"status_code": "201", "response_text": `{"got": {"n": 1}}`, "result": "1", "response": `{"got": {"n": 1}}`} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
	want := map[string]any{
		"url": server.URL + "/a", "method": "PUT", "status_code": 201.0, "content_type": "application/json", "bytes": 17.0,
		"attempts": 1.0, "principal": "", "called_as": "",
		"headers": map[string]any{"content-length": "17", "content-type": "application/json"},
	}
	moving := cmpopts.IgnoreMapEntries(func(k string, _ any) bool { return k == "seconds" || k == "date" || k == "sha256" })
	metadata := out.Artifacts["response"].Artifacts[0].Metadata
	if diff := cmp.Diff(want, metadata, moving); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if sum, _ := metadata["sha256"].(string); len(sum) != 64 || metadata["seconds"].(float64) <= 0 {
		t.Errorf("sha256 %v, seconds %v", metadata["sha256"], metadata["seconds"])
	}
}

func TestStepEndsByItsOutcome(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Length", "100")
		}
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
		_, _ = io.WriteString(w, "body")
	}))
	defer server.Close()
	cases := []struct {
		name, path string
		parameters map[string]any
		code       int
		want       string
		outputs    string
	}{
		{name: "success", path: "/", outputs: "out.json response response_text result status_code"},
		{name: "an answer without success", path: "/gone", code: exitcode.Failed, want: "410 Gone: body",
			outputs: "executor_error.json out.json response response_text result status_code"},
		{name: "an answer without success that may pass", path: "/gone", parameters: map[string]any{"fail_on_http_error": false},
			outputs: "out.json response response_text result status_code"},
		{name: "200 that is no success by the expression", path: "/", parameters: map[string]any{"success": `.body == "other"`}, code: exitcode.Failed, want: "200 OK",
			outputs: "executor_error.json out.json response response_text result status_code"},
		{name: "a cut body is never published", path: "/cut", code: exitcode.Unreachable, want: "the body is cut off", outputs: "executor_error.json"},
		{name: "bad input", path: "/", parameters: map[string]any{"method": "get"}, code: exitcode.Usage, want: `method is "get"`, outputs: "executor_error.json"},
		{name: "unknown input", path: "/", parameters: map[string]any{"metod": "GET"}, code: exitcode.Usage, want: `unknown input "metod"`, outputs: "executor_error.json"},
		{name: "wrong type", path: "/", parameters: map[string]any{"max_attempts": "many"}, code: exitcode.Usage, want: "input max_attempts: got a string, want a whole number", outputs: "executor_error.json"},
		{name: "bad expression", path: "/", parameters: map[string]any{"result": ".a ="}, code: exitcode.Usage, want: "result: ", outputs: "executor_error.json"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			parameters := map[string]any{"url": server.URL + c.path}
			for name, value := range c.parameters {
				parameters[name] = value
			}
			err := newStep(t).Run(t.Context(), inputFor(t, dir, parameters))
			if c.code == 0 && err != nil {
				t.Fatal(err)
			}
			if c.code != 0 {
				finding := Explain(err)
				if finding.Code != c.code || !strings.Contains(finding.String(), c.want) {
					t.Errorf("Explain = %+v, want code %d and %q", finding, c.code, c.want)
				}
				if surfaced := read(t, dir, "executor_error.json"); !strings.Contains(surfaced, "errorMessage") {
					t.Errorf("executor_error.json holds %s", surfaced)
				}
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			if got := strings.Join(names, " "); got != c.outputs {
				t.Errorf("files %q, want %q", got, c.outputs)
			}
		})
	}
}

func TestNothingIsSentWhereTheOutputsCannotBeWritten(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the call was made") }))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := newStep(t).Run(t.Context(), inputFor(t, dir, map[string]any{"url": server.URL}))
	var input *InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "outputs cannot be written") {
		t.Errorf("Run error = %v, want that the outputs cannot be written", err)
	}
}

func TestFlagsGoOverTheExecutorInput(t *testing.T) {
	var method string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { method = r.Method }))
	defer server.Close()
	step := newStep(t)
	step.Override = func(c *Config) error { return c.Set("method", "DELETE") }
	if err := step.Run(t.Context(), inputFor(t, t.TempDir(), map[string]any{"url": server.URL, "method": "PUT"})); err != nil || method != "DELETE" {
		t.Errorf("sent %s, %v; want DELETE", method, err)
	}
}
