package authpipe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/localgcp"
	"github.com/authcall/authcall/internal/pipelinespec"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	if code := w.run(t.Context(), "compile", "cloudrun", "--image", "registry.example.com/x:1"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	spec, err := pipelinespec.Parse(w.out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if spec.PipelineInfo.Name != "auth-pipeline-cloudrun" || !strings.Contains(w.out.String(), "registry.example.com/x:1") {
		t.Errorf("compiled:\n%s", w.out.String())
	}
	if strings.Contains(w.out.String(), component.DefaultImage()) {
		t.Error("the image was not replaced everywhere")
	}

	// What was compiled is compiled to itself, through a file.
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.yaml"), filepath.Join(dir, "second.yaml")
	if err := os.WriteFile(first, w.out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := w.run(t.Context(), "compile", first, "-o", second); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	again, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.out.String(), string(again)); diff != "" {
		t.Errorf("compiled twice (-once +twice):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	yaml, err := builtin(t, "iap").YAML()
	if err != nil {
		t.Fatal(err)
	}
	w.stdin = strings.NewReader(string(yaml))
	if code := w.run(t.Context(), "validate", "-"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	w.stdin = strings.NewReader(strings.ReplaceAll(string(yaml), "comp-call", "comp-other") + "\nnope: 1\n")
	if code := w.run(t.Context(), "validate", "-"); code != exitcode.Usage || !strings.Contains(w.err.String(), "nope") {
		t.Errorf("exit code = %d: %s", code, w.err.String())
	}
}

func TestComponent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	if code := w.run(t.Context(), "component", "--image", "registry.example.com/x:1"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	if !strings.Contains(w.out.String(), `image: "registry.example.com/x:1"`) {
		t.Errorf("stdout:\n%s", w.out.String())
	}
	if code := w.run(t.Context(), "component", "--image", ""); code != exitcode.Usage {
		t.Errorf("without an image: exit code = %d, want %d", code, exitcode.Usage)
	}
}

func TestLocalConfigPrintsWhatIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	if code := w.run(t.Context(), "local", "config"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	got, err := localgcp.ParseConfig(w.out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want, err := localgcp.Default()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-default +printed):\n%s", diff)
	}
}

func TestGroupsAndHelp(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		args       []string
		want       int
		wantStdout string
		wantStderr string
	}{
		{name: "nothing", want: exitcode.OK, wantStdout: "Available Commands"},
		{name: "help", args: []string{"submit", "--help"}, want: exitcode.OK, wantStdout: "authpipe submit cloudrun --local"},
		{name: "a group", args: []string{"runs"}, want: exitcode.OK, wantStdout: "cancel"},
		{name: "version", args: []string{"version"}, want: exitcode.OK, wantStdout: "authpipe devel"},
		{name: "completion", args: []string{"completion", "bash"}, want: exitcode.OK, wantStdout: "__start_authpipe"},
		{name: "nearly a command", args: []string{"sumbit"}, want: exitcode.Usage, wantStderr: "did you mean submit?"},
		{name: "no command", args: []string{"frobnicate"}, want: exitcode.Usage, wantStderr: `unknown command "frobnicate" for "authpipe", see authpipe --help`},
		{name: "no command of a group", args: []string{"local", "down"}, want: exitcode.Usage, wantStderr: `unknown command "down" for "authpipe local"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			if code := w.run(t.Context(), c.args...); code != c.want {
				t.Errorf("exit code = %d, want %d", code, c.want)
			}
			if !strings.Contains(w.out.String(), c.wantStdout) || !strings.Contains(w.err.String(), c.wantStderr) {
				t.Errorf("stdout:\n%s\nstderr:\n%s", w.out.String(), w.err.String())
			}
		})
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		args   []string
		script []string
		refuse error
		want   int
	}{
		{name: "get", args: []string{"get", "run-1"}, script: []string{"succeeded.json"}},
		{name: "get-failed", args: []string{"get", "run-1"}, script: []string{"failed.json"}},
		{name: "get-none", args: []string{"get", "run-1"}, refuse: status.Error(codes.NotFound, "It does not exist."), want: exitcode.Unreachable},
		{name: "watch-failed", args: []string{"watch", "run-1"}, script: []string{"running.json", "attempts.json"}, want: exitcode.Failed},
		{name: "watch-local", args: []string{"watch", "run-1", "--local", "--timeout", "500ms"}, script: []string{"running.json"}, want: exitcode.WaitTimeout},
		{name: "cancel", args: []string{"cancel", "run-1"}, script: []string{"running.json"}},
		{name: "delete", args: []string{"delete", "run-1"}},
		{name: "delete-running", args: []string{"delete", "run-1"}, refuse: status.Error(codes.FailedPrecondition, "It is running."), want: exitcode.Unreachable},
		{name: "logs", args: []string{"logs", "run-1"}, script: []string{"attempts.json"}},
		{name: "logs-none", args: []string{"logs", "run-1", "--task", "check"}, script: []string{"attempts.json"}},
		{name: "logs-no-task", args: []string{"logs", "run-1", "--task", "x"}, script: []string{"attempts.json"}, want: exitcode.Usage},
		{name: "list-none", args: []string{"list"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{script: jobs(t, c.script...), refuse: c.refuse}
			w := newWorld(t, service)
			w.bound = service.bound
			if code := w.run(t.Context(), append([]string{"runs"}, c.args...)...); code != c.want {
				t.Errorf("exit code = %d, want %d", code, c.want)
			}
			if cancelled := len(service.cancelled) > 0; cancelled != (c.name == "cancel") {
				t.Errorf("run cancelled: %v", cancelled)
			}
			if deleted := len(service.deleted) > 0; deleted != (c.args[0] == "delete") {
				t.Errorf("run deleted: %v", deleted)
			}
			golden(t, "runs-"+c.name+".golden", strings.ReplaceAll(w.err.String(), w.defaults.VertexEndpoint, "ENDPOINT"))
		})
	}
}

func TestRunsTakeAResourceName(t *testing.T) {
	t.Parallel()
	service := &fakeService{script: jobs(t, "running.json")}
	w := newWorld(t, service)
	name := "projects/p/locations/l/pipelineJobs/r"
	if code := w.run(t.Context(), "runs", "cancel", name); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	if diff := cmp.Diff([]string{name}, service.cancelled); diff != "" {
		t.Errorf("cancelled (-want +got):\n%s", diff)
	}
}

func TestRunsList(t *testing.T) {
	t.Parallel()
	service := &fakeService{script: jobs(t, "running.json", "failed.json", "succeeded.json")}
	for i, job := range service.script {
		job.Name = testParent + "/pipelineJobs/run-" + string(rune('a'+i))
	}
	w := newWorld(t, service)
	if code := w.run(t.Context(), "runs", "list", "--limit", "2", "--filter", `state="x"`); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	req := service.listed[0]
	if req.GetParent() != testParent || req.GetFilter() != `state="x"` || req.GetPageSize() != 2 {
		t.Errorf("request = %v", req)
	}
	if text := w.err.String(); strings.Count(text, "\n") != 2 || !strings.HasPrefix(text, "run-a  running") {
		t.Errorf("stderr:\n%s", text)
	}
	if code := w.run(t.Context(), "runs", "list", "-o", "json"); code != exitcode.OK || strings.Count(w.out.String(), `"name"`) != 3 {
		t.Errorf("exit code = %d, stdout:\n%s", code, w.out.String())
	}
}
