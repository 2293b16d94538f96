package authpipe

import (
	"context"
	"encoding/json"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/interrupt"
)

// document decodes what must be one JSON document and nothing else.
func document(t *testing.T, text string) map[string]any {
	t.Helper()
	var doc map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(&doc); err != nil || decoder.More() {
		t.Fatalf("stdout is not one JSON document (%v):\n%s", err, text)
	}
	return doc
}

func TestValidateAsJSON(t *testing.T) {
	t.Parallel()
	valid := string(specYAML(t, "iap"))
	cases := []struct {
		name, spec string
		code       int
		want       map[string]any
	}{
		{name: "valid", spec: valid, want: map[string]any{"valid": true, "pipeline": "auth-pipeline-iap"}},
		{
			name: "one problem", spec: "", code: exitcode.Usage,
			want: map[string]any{"valid": false, "problems": []any{"pipeline spec is empty"}},
		},
		{
			name: "two problems", spec: strings.NewReplacer("comp-call\"\n", "comp-x\"\n", `"auth-pipeline-iap"`, `"No Name"`).Replace(valid), code: exitcode.Usage,
			want: map[string]any{"valid": false, "problems": []any{
				`pipelineInfo.name: got "No Name", want 1 to 128 lower-case letters, digits and dashes, no dash first`,
				`root.dag.tasks["call"].componentRef.name: no component "comp-x" in components`,
			}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			w.stdin = strings.NewReader(c.spec)
			if code := w.run(t.Context(), "validate", "-", "-o", "json"); code != c.code {
				t.Errorf("exit code = %d, want %d: %s", code, c.code, w.err.String())
			}
			if diff := cmp.Diff(c.want, document(t, w.out.String())); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDocumentsOfCommandsThatNeedNoRun(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		args []string
		want []string // fields
	}{
		{name: "version", args: []string{"version"}, want: []string{"version", "commit", "modified", "go"}},
		{name: "local config", args: []string{"local", "config"}, want: []string{"project", "region", "services"}},
		{name: "component", args: []string{"component"}, want: []string{"name", "inputs", "outputs", "implementation"}},
		{name: "component as a pipeline", args: []string{"component", "--format", "ir"}, want: []string{"pipelineInfo", "schemaVersion", "root"}},
		{name: "compile", args: []string{"compile", "cloudrun"}, want: []string{"pipelineInfo", "schemaVersion", "root"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			if code := w.run(t.Context(), append(c.args, "-o", "json")...); code != exitcode.OK {
				t.Fatalf("exit code = %d: %s", code, w.err.String())
			}
			doc := document(t, w.out.String())
			for _, field := range c.want {
				if _, ok := doc[field]; !ok {
					t.Errorf("the document has no %q: %v", field, doc)
				}
			}
		})
	}
}

func TestLocalUpAsJSON(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	w := newWorld(t, &fakeService{})
	out := &signalled{stop: func() { stop(&interrupt.Error{Signal: syscall.SIGTERM}) }}
	w.stdout = out
	if code := w.run(ctx, "local", "up", "-o", "json", "--state-dir", "/state"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	want := map[string]any{"environment": map[string]any{"A": "b", "Q": "it's $HOME"}}
	if diff := cmp.Diff(want, document(t, out.String())); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

// Where there is no document, stdout stays empty: the exit code and stderr tell.
func TestAFailureLeavesStdoutEmpty(t *testing.T) {
	t.Parallel()
	refused := status.Error(codes.PermissionDenied, "no")
	for _, args := range [][]string{
		submitArgs(), submitArgs("--nope"), {"runs", "get", "run-1"}, {"runs", "list"}, {"runs", "watch", "run-1"}, {"runs", "cancel", "run-1"}, {"runs", "delete", "run-1"}, {"runs", "logs", "run-1"},
		{"compile", "nope"}, {"validate", "nope.yaml"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{refuse: refused})
			if code := w.run(t.Context(), append(args, "-o", "json")...); code == exitcode.OK {
				t.Errorf("exit code = %d, want another", code)
			}
			if w.out.Len() > 0 || w.err.Len() == 0 {
				t.Errorf("stdout = %q, stderr = %q", w.out.String(), w.err.String())
			}
		})
	}
}

func TestAWaitThatEndsEarlyPrintsTheRunAsLastSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{script: jobs(t, "running.json")})
	if code := w.run(t.Context(), submitArgs("-o", "json", "--timeout", "500ms")...); code != exitcode.WaitTimeout {
		t.Errorf("exit code = %d, want %d", code, exitcode.WaitTimeout)
	}
	if got, want := document(t, w.out.String())["name"], testParent+"/pipelineJobs/run-1"; got != want {
		t.Errorf("name = %v, want %v", got, want)
	}
}
