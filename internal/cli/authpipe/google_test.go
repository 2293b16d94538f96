package authpipe

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/vertex/vertextest"
)

const googleHost = "us-central1-aiplatform.googleapis.com"

// runProcess runs the program as a process with an environment from scratch.
func runProcess(t *testing.T, env []string, args ...string) result {
	t.Helper()
	return startProcess(t, env, args...)(nil)
}

// startProcess starts it; what it returns sends it a signal, if any, and waits.
func startProcess(t *testing.T, env []string, args ...string) func(os.Signal) result {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux a process is told by SSL_CERT_FILE whom to trust")
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), executable)
	cmd.Args, cmd.Env, cmd.Stdout, cmd.Stderr = append([]string{"authpipe"}, args...), env, &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func(signal os.Signal) result {
		if signal != nil {
			if err := cmd.Process.Signal(signal); err != nil {
				t.Error(err)
			}
		}
		if err := cmd.Wait(); err != nil && !is[*exec.ExitError](err) {
			t.Fatal(err)
		}
		if text := out.String() + errs.String(); strings.Contains(text, "secret-") {
			t.Errorf("a secret shows: %s", text)
		}
		return result{code: cmd.ProcessState.ExitCode(), out: out.String(), errors: errs.String()}
	}
}

// toVertexAI submits as one does without --local.
func toVertexAI(more ...string) []string {
	return submitArgs(append([]string{"--project", "local-project", "--location", "us-central1", "--pipeline-root", "gs://local-bucket/runs",
		"--service-account", testAccount}, more...)...)
}

func TestSubmitToVertexAISendsWhatLocalDoes(t *testing.T) {
	t.Parallel()
	remote := &fakeService{script: jobs(t, "running.json", "succeeded.json")}
	google := vertextest.Start(t, vertextest.Options{Host: googleHost, Service: remote})
	env := append(google.Env(), "GOOGLE_APPLICATION_CREDENTIALS="+vertextest.Credentials(t, ""))
	got := runProcess(t, env, toVertexAI()...)
	if got.code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", got.code, got.errors)
	}
	for _, want := range []string{
		"submitting run-1 as user:dev@example.com\n",
		"see https://console.cloud.google.com/vertex-ai/locations/us-central1/pipelines/runs/run-1?project=local-project\n",
		"run-1 succeeded in ",
	} {
		if !strings.Contains(got.errors, want) {
			t.Errorf("stderr does not tell %q:\n%s", want, got.errors)
		}
	}

	local := &fakeService{script: jobs(t, "succeeded.json")}
	if code := newWorld(t, local).run(t.Context(), submitArgs("--local", "-p", "service_account=")...); code != exitcode.OK {
		t.Fatalf("--local: exit code = %d", code)
	}
	delete(local.created[0].GetPipelineJob().GetRuntimeConfig().GetParameterValues(), "service_account") // of the example
	if diff := cmp.Diff(wire(t, local.created[0]), wire(t, remote.created[0])); diff != "" {
		t.Errorf("requests (-local +Vertex AI):\n%s", diff)
	}
}

// wire is a message as it is sent, with its maps in order, and a form of it to
// read beside that.
func wire(t *testing.T, m proto.Message) [2]string {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return [2]string{protojson.Format(m), string(data)}
}

func TestVertexAICannotBeReached(t *testing.T) {
	t.Parallel()
	const europe = "europe-west4-aiplatform.googleapis.com"
	cases := []struct {
		name    string
		server  vertextest.Options
		refusal string
		env     []string
		want    int
	}{
		{name: "blocked", server: vertextest.Options{Host: europe}, want: exitcode.Unreachable},
		{name: "impostor", server: vertextest.Options{Host: googleHost, Certified: europe}, want: exitcode.Unreachable},
		{name: "expired", refusal: `{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}`, want: exitcode.Identity},
		{name: "no-file", env: []string{"GOOGLE_APPLICATION_CREDENTIALS=/nonexistent/adc.json"}, want: exitcode.Identity},
		{name: "no-metadata", env: []string{"GOOGLE_APPLICATION_CREDENTIALS=", "GCE_METADATA_HOST=127.0.0.1:1"}, want: exitcode.Identity},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.server.Host == "" {
				c.server.Host = googleHost
			}
			c.server.Service = new(fakeService)
			google := vertextest.Start(t, c.server)
			env := append(google.Env(), "GOOGLE_APPLICATION_CREDENTIALS="+vertextest.Credentials(t, c.refusal))
			got := runProcess(t, append(env, c.env...), toVertexAI()...)
			if got.code != c.want {
				t.Errorf("exit code = %d, want %d", got.code, c.want)
			}
			golden(t, "google-"+c.name+".golden", got.errors)
		})
	}
}

func TestAnInterruptLeavesARunInTheCloudAlone(t *testing.T) {
	t.Parallel()
	looked := make(chan struct{})
	service := &fakeService{script: jobs(t, "running.json"), looked: looked}
	google := vertextest.Start(t, vertextest.Options{Host: googleHost, Service: service})
	env := append(google.Env(), "GOOGLE_APPLICATION_CREDENTIALS="+vertextest.Credentials(t, ""))
	end := startProcess(t, env, toVertexAI("-o", "json")...)
	<-looked
	got := end(os.Interrupt)
	if got.code != exitcode.Interrupted {
		t.Errorf("exit code = %d, want %d", got.code, exitcode.Interrupted)
	}
	if len(service.cancelled) > 0 {
		t.Errorf("cancelled %q", service.cancelled)
	}
	lines := strings.Split(strings.TrimSpace(got.errors), "\n")
	golden(t, "google-interrupted.golden", lines[len(lines)-1]+"\n") // the task may have been told of by then, or not
	if name := document(t, got.out)["name"]; name != "projects/local-project/locations/us-central1/pipelineJobs/run-1" {
		t.Errorf("name = %v", name)
	}
}

// The whole program, the network and TLS included, reads a pipeline where it lies.
func TestAPipelineFromGoogle(t *testing.T) {
	t.Parallel()
	yaml := specYAML(t, "cloudrun")
	var mu sync.Mutex
	asked := map[string]string{} // the credential that each host was shown
	google := vertextest.Start(t, vertextest.Options{
		Host: googleHost, Service: new(fakeService),
		WebHosts: []string{"storage.googleapis.com", "us-central1-kfp.pkg.dev", "example.com"},
		Web: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			asked[r.Host] = r.Header.Get("Authorization")
			_, _ = w.Write(yaml)
		}),
	})
	env := append(google.Env(), "GOOGLE_APPLICATION_CREDENTIALS="+vertextest.Credentials(t, ""))
	for _, url := range []string{inStorage, inRegistry, onTheWeb} {
		got := runProcess(t, env, "compile", url, "-o", "json")
		if got.code != exitcode.OK || got.errors != "" || document(t, got.out)["schemaVersion"] != "2.1.0" {
			t.Errorf("%s: exit code = %d: %s", url, got.code, got.errors)
		}
	}
	const bearer = "Bearer " + vertextest.Token
	want := map[string]string{"storage.googleapis.com": bearer, "us-central1-kfp.pkg.dev": bearer, "example.com": ""}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("credentials by host (-want +got):\n%s", diff)
	}
}
