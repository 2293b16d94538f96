package authpipe

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2/google"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/internal/localgcp"
)

// submitArgs submits the built-in pipeline as run-1.
func submitArgs(more ...string) []string {
	return append([]string{"submit", "cloudrun", "--job-id", "run-1", "-p", "url=https://hello.example.com/"}, more...)
}

func TestSubmitTellsHowTheRunEnded(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		script []string
		args   []string
		want   int
	}{
		{name: "succeeded", script: []string{"running.json", "succeeded.json"}, want: exitcode.OK},
		{name: "succeeded-local", script: []string{"running.json", "succeeded.json"}, args: []string{"--local"}, want: exitcode.OK},
		{name: "failed", script: []string{"failed.json"}, want: exitcode.Failed},
		{name: "detached", args: []string{"--detach"}, want: exitcode.OK},
		{name: "waited", script: []string{"running.json"}, args: []string{"--timeout", "500ms"}, want: exitcode.WaitTimeout},
		{name: "waited-local", script: []string{"running.json"}, args: []string{"--timeout", "500ms", "--local"}, want: exitcode.WaitTimeout},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{script: jobs(t, c.script...)}
			w := newWorld(t, service)
			w.bound = service.bound
			if got := w.run(t.Context(), submitArgs(c.args...)...); got != c.want {
				t.Errorf("exit code = %d, want %d", got, c.want)
			}
			golden(t, "submit-"+c.name+".golden", w.err.String())
			if w.out.Len() > 0 {
				t.Errorf("stdout = %q, want nothing without -o json", w.out.String())
			}
		})
	}
}

func TestSubmitPrintsTheRunAsJSON(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"succeeded": exitcode.OK, "failed": exitcode.Failed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{script: jobs(t, name+".json")})
			if got := w.run(t.Context(), submitArgs("-o", "json")...); got != want {
				t.Errorf("exit code = %d, want %d", got, want)
			}
			var job struct {
				Name, State string
				JobDetail   struct {
					TaskDetails []struct{ TaskName, State string }
				}
			}
			decoder := json.NewDecoder(&w.out)
			if err := decoder.Decode(&job); err != nil {
				t.Fatal(err)
			}
			if decoder.More() {
				t.Error("there is more than one document on stdout")
			}
			if job.Name != testParent+"/pipelineJobs/run-1" || job.State != "PIPELINE_STATE_"+strings.ToUpper(name) || len(job.JobDetail.TaskDetails) == 0 {
				t.Errorf("job = %+v", job)
			}
		})
	}
}

func TestSubmitSendsWhatTheFlagsSay(t *testing.T) {
	t.Parallel()
	service := &fakeService{script: jobs(t, "succeeded.json")}
	w := newWorld(t, service)
	code := w.run(t.Context(), submitArgs("-p", "timeout_seconds=7", "-p", `headers={"X-A": "b"}`, "--display-name", "mine", "--label", "team=a,tier=b",
		"--project", "p2", "--location", "europe-west4", "--pipeline-root", "gs://other/x", "--service-account", "a@p2.iam.gserviceaccount.com",
		"--enable-caching=true", "--image", "registry.example.com/x:1")...)
	if code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	req := service.created[0]
	job := req.GetPipelineJob()
	got := map[string]any{
		"parent": req.GetParent(), "id": req.GetPipelineJobId(), "name": job.GetDisplayName(), "labels": job.GetLabels(),
		"account": job.GetServiceAccount(), "root": job.GetRuntimeConfig().GetGcsOutputDirectory(),
	}
	want := map[string]any{
		"parent": "projects/p2/locations/europe-west4", "id": "run-1", "name": "mine", "labels": map[string]string{"team": "a", "tier": "b"},
		"account": "a@p2.iam.gserviceaccount.com", "root": "gs://other/x",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	values := map[string]any{}
	for name, value := range job.GetRuntimeConfig().GetParameterValues() {
		values[name] = value.AsInterface()
	}
	wantValues := map[string]any{"url": "https://hello.example.com/", "timeout_seconds": 7.0, "headers": map[string]any{"X-A": "b"}}
	if diff := cmp.Diff(wantValues, values); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	spec := protojson.Format(job.GetPipelineSpec())
	if !strings.Contains(spec, "registry.example.com/x:1") {
		t.Error("the spec does not have the image")
	}
	if task := job.GetPipelineSpec().AsMap()["root"].(map[string]any)["dag"].(map[string]any)["tasks"].(map[string]any)["call"].(map[string]any); !cmp.Equal(task["cachingOptions"], map[string]any{"enableCache": true}) {
		t.Errorf("caching = %v, want it on", task["cachingOptions"])
	}
}

func TestALocalRunDependsOnNoDefaults(t *testing.T) {
	t.Parallel()
	service := &fakeService{script: jobs(t, "succeeded.json")}
	w := newWorld(t, service)
	if code := w.run(t.Context(), "submit", "cloudrun", "--local"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	req := service.created[0]
	if got, want := req.GetParent(), "projects/local-project/locations/us-central1"; got != want {
		t.Errorf("parent = %q, want %q", got, want)
	}
	if got := req.GetPipelineJob().GetRuntimeConfig().GetGcsOutputDirectory(); got != localgcp.PipelineRoot {
		t.Errorf("root = %q, want %q", got, localgcp.PipelineRoot)
	}
	if got := req.GetPipelineJob().GetRuntimeConfig().GetParameterValues()["url"].GetStringValue(); got != "http://127.0.0.1:1/" {
		t.Errorf("url = %q, want that of the example", got)
	}
	if !strings.HasPrefix(req.GetPipelineJobId(), "auth-pipeline-cloudrun-20261124120000-") {
		t.Errorf("job id = %q", req.GetPipelineJobId())
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	t.Parallel()
	service := &fakeService{}
	w := newWorld(t, service)
	if code := w.run(t.Context(), submitArgs("--dry-run")...); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	req := new(aiplatformpb.CreatePipelineJobRequest)
	if err := protojson.Unmarshal(w.out.Bytes(), req); err != nil {
		t.Fatal(err)
	}
	if req.GetPipelineJobId() != "run-1" || len(service.created) > 0 {
		t.Errorf("printed %v and sent %d requests", req.GetPipelineJobId(), len(service.created))
	}
}

func TestMistakesAreToldBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	values := t.TempDir() + "/values.yaml"
	if err := os.WriteFile(values, []byte("timeout_seconds: soon\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		args []string
		want string
	}{
		{name: "unknown parameter", args: submitArgs("-p", "nope=1"), want: `parameter "nope": the pipeline has no such parameter`},
		{name: "wrong type", args: submitArgs("-p", "timeout_seconds=soon"), want: `parameter "timeout_seconds": got "soon", want NUMBER_INTEGER`},
		{name: "wrong type in a file", args: submitArgs("--params-file", values), want: `values.yaml: parameter "timeout_seconds": got the string "soon", want NUMBER_INTEGER`},
		{name: "no value", args: []string{"submit", "cloudrun"}, want: `parameter "url": got nothing, want STRING`},
		{name: "not a pair", args: submitArgs("-p", "url"), want: "-p url: want NAME=VALUE"},
		{name: "no such file of parameters", args: submitArgs("--params-file", "/nonexistent"), want: "no such file"},
		{name: "bad root", args: submitArgs("--pipeline-root", "/tmp/x"), want: `invalid pipeline root: want gs://BUCKET or gs://BUCKET/FOLDER, got "/tmp/x"`},
		{name: "bad account", args: submitArgs("--service-account", "dev@example.com"), want: "invalid service account"},
		{name: "bad label", args: submitArgs("--label", "A=b"), want: "invalid label key"},
		{name: "label without a value", args: submitArgs("--label", "a"), want: "must be formatted as key=value"},
		{name: "unknown pipeline", args: []string{"submit", "nope"}, want: `no file "nope", and no built-in pipeline of that name (cloudrun, iap)`},
		{name: "a URL without TLS", args: []string{"submit", "http://example.com/x.yaml"}, want: "want gs:// or https://, got http://"},
		{name: "not a spec", args: []string{"submit", "-"}, want: "pipeline spec is empty"},
		{name: "unknown flag", args: submitArgs("--nope"), want: "unknown flag: --nope; see authpipe submit --help"},
		{name: "two pipelines", args: submitArgs("iap"), want: `unexpected argument "iap"`},
		{name: "none", args: []string{"submit"}, want: "PIPELINE|FILE|URL is missing"},
		{name: "no such configuration", args: submitArgs("--local", "--local-config", "/nonexistent"), want: "configuration of the local Google"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{}
			w := newWorld(t, service)
			if code := w.run(t.Context(), c.args...); code != exitcode.Usage {
				t.Errorf("exit code = %d, want %d", code, exitcode.Usage)
			}
			if text := w.err.String(); !strings.Contains(text, c.want) || strings.Count(text, "\n") != 1 {
				t.Errorf("stderr = %q, want one line with %q", text, c.want)
			}
			if len(service.created) > 0 {
				t.Error("the run was submitted all the same")
			}
		})
	}
}

func TestSubmitNeedsAPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	w.defaults = defaults{}
	if code := w.run(t.Context(), submitArgs()...); code != exitcode.Usage {
		t.Errorf("exit code = %d, want %d", code, exitcode.Usage)
	}
	for _, want := range []string{"--project is missing", "--location is missing"} {
		if !strings.Contains(w.err.String(), want) {
			t.Errorf("stderr = %q, want %q", w.err.String(), want)
		}
	}
}

func TestRefusalsTellTheCure(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		refuse error
		want   int
	}{
		{
			name:   "act-as",
			refuse: status.Error(codes.InvalidArgument, "You do not have permission to act as service_account: "+testAccount+". (or it may not exist)."),
			want:   exitcode.Identity,
		},
		{name: "permission", refuse: status.Error(codes.PermissionDenied, "Permission 'aiplatform.pipelineJobs.create' denied."), want: exitcode.Identity},
		{name: "quota", refuse: status.Error(codes.ResourceExhausted, "Quota exceeded."), want: exitcode.Unreachable},
		{name: "rejected", refuse: status.Error(codes.InvalidArgument, "Invalid value."), want: exitcode.Unreachable},
		{name: "exists", refuse: status.Error(codes.AlreadyExists, "It exists."), want: exitcode.Unreachable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{refuse: c.refuse})
			if code := w.run(t.Context(), submitArgs()...); code != c.want {
				t.Errorf("exit code = %d, want %d", code, c.want)
			}
			golden(t, "refused-"+c.name+".golden", w.err.String())
		})
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	w.credentials = func(ctx context.Context, _ string) (*google.Credentials, error) {
		return gapi.FindCredentials(ctx, "/nonexistent/adc.json")
	}
	if code := w.run(t.Context(), submitArgs()...); code != exitcode.Identity {
		t.Errorf("exit code = %d, want %d", code, exitcode.Identity)
	}
	if !strings.HasSuffix(w.err.String(), "; to fix: gcloud auth application-default login\n") {
		t.Errorf("stderr = %q", w.err.String())
	}
}

func TestAnInterruptedWait(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		args   []string
		signal os.Signal
		want   int
		cancel bool
	}{
		{name: "in the cloud", signal: os.Interrupt, want: exitcode.Interrupted},
		{name: "locally", args: []string{"--local"}, signal: syscall.SIGTERM, want: exitcode.Terminated, cancel: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			looked := make(chan struct{})
			service := &fakeService{script: jobs(t, "running.json"), looked: looked}
			w := newWorld(t, service)
			ctx, stop := context.WithCancelCause(t.Context())
			go func() {
				<-looked
				stop(&interrupt.Error{Signal: c.signal})
			}()
			if code := w.run(ctx, submitArgs(c.args...)...); code != c.want {
				t.Errorf("exit code = %d, want %d", code, c.want)
			}
			if got := len(service.cancelled) > 0; got != c.cancel {
				t.Errorf("run cancelled: %v, want %v", got, c.cancel)
			}
			hint := "authpipe runs cancel " + testParent + "/pipelineJobs/run-1"
			if got := strings.Contains(w.err.String(), hint); got == c.cancel {
				t.Errorf("stderr = %q", w.err.String())
			}
		})
	}
}
