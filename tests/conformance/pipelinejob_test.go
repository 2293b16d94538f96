package conformance

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authcall/authcall/pipelines"
)

// job is what pipeline_job.py prints of a finished job.
type job struct {
	Name, State, Error string
	Tasks              map[string]string
}

// Google's own SDK submits our spec over REST and follows it to its end.
func TestPythonSDKRunsAPipeline(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	hello := google.value(t, "AUTHPIPE_LOCAL_URL_HELLO")
	spec, err := pipelines.Builtin("cloudrun")
	if err != nil {
		t.Fatal(err)
	}
	file := writeSpec(t, t.TempDir(), "cloudrun", spec)

	got := google.submitWithSDK(t, file, map[string]any{"url": hello, "service_account": caller})
	if got.State != "PIPELINE_STATE_SUCCEEDED" || got.Tasks["call"] != "SUCCEEDED" || got.Error != "" {
		t.Errorf("got %+v, want a success", got)
	}
	if want := "/locations/us-central1/pipelineJobs/auth-pipeline-cloudrun-"; !strings.Contains(got.Name, want) {
		t.Errorf("the job is named %q, want %s in it", got.Name, want)
	}

	failed := google.submitWithSDK(t, file, map[string]any{"url": hello, "service_account": caller, "audience": "https://wrong.example"})
	if failed.State != "PIPELINE_STATE_FAILED" || failed.Tasks["call"] != "FAILED" || failed.Error == "" {
		t.Errorf("got %+v, want a failure", failed)
	}
}

// A pipeline that was written and compiled in Python around component.yaml runs
// on the local Google, and takes the branch that its condition says.
func TestPythonPipelineRunsLocally(t *testing.T) {
	t.Parallel()
	google := localUp(t)
	hello := google.value(t, "AUTHPIPE_LOCAL_URL_HELLO")
	file := compilePythonPipeline(t, t.TempDir())

	got := google.submitWithSDK(t, file, map[string]any{"url": hello, "service_account": caller, "audience": hello})
	if got.State != "PIPELINE_STATE_SUCCEEDED" {
		t.Fatalf("got %+v, want a success", got)
	}
	first, second, third := "call-private-service", "call-private-service-2", "call-private-service-3"
	if got.Tasks[first] != "SUCCEEDED" || got.Tasks[second] != "SUCCEEDED" {
		t.Errorf("tasks are %v, want %s and %s to have succeeded", got.Tasks, first, second)
	}
	if state := got.Tasks[third]; state == "SUCCEEDED" {
		t.Errorf("%s ran, although its condition does not hold", third)
	}
}

func (g *localGoogle) submitWithSDK(t *testing.T, spec string, parameters map[string]any) job {
	t.Helper()
	text, err := json.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	return pythonJSON[job](t, g.env, "pipeline_job.py", spec,
		"--endpoint", strings.TrimSuffix(g.value(t, "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM"), "/"),
		"--pipeline-root", "gs://bucket/root",
		"--service-account", "pipeline@local-project.iam.gserviceaccount.com",
		"--access-token-file", filepath.Clean(g.value(t, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE")),
		"--parameters", string(text))
}
