package image

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/tests/internal/engine"
	"github.com/authcall/authcall/tests/internal/localup"
)

// submission is a run of the local runner, as its JSON tells of it.
type submission struct {
	State     string
	JobDetail struct {
		TaskDetails []struct {
			TaskName, State string
			Execution       struct{ Metadata map[string]any }
			Outputs         map[string]struct{ Artifacts []struct{ URI string } }
		}
	}
	// said is what people read.
	said string
}

// outputs of the tasks of a name, in no order.
func (s submission) outputs(task, output string) []any {
	var values []any
	for _, t := range s.JobDetail.TaskDetails {
		if value, ok := t.Execution.Metadata["output:"+output]; ok && t.TaskName == task {
			values = append(values, value)
		}
	}
	return values
}

// newSubmit gives a way to run examples with authpipe submit FILE --local, where
// the step's image is this very program and all others are Docker's.
func newSubmit(t *testing.T) (submit func(example string, parameters ...string) submission, google *localup.Google, url string) {
	t.Helper()
	var e *engine.Engine
	e, interpreter := withPythonImage(t)
	google = localup.Start(t)
	d := newDesk(t, interpreter, component.DefaultImage())
	d.env = append(d.env, e.Env()...)
	return func(name string, parameters ...string) submission {
		t.Helper()
		return d.submit(t, name, google.StateDir, parameters...)
	}, google, google.Value(t, "AUTHPIPE_LOCAL_URL_HELLO")
}

// submit compiles an example and runs it with authpipe submit FILE --local.
func (d *desk) submit(t *testing.T, name, stateDir string, parameters ...string) submission {
	t.Helper()
	args := []string{"submit", d.compile(t, name), "--local", "--state-dir", stateDir, "-o", "json"}
	for _, p := range parameters {
		args = append(args, "-p", p)
	}
	stdout, stderr, _ := d.run(t, "authpipe", args...) // the state tells
	got := submission{said: stderr}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("authpipe %q: %v\n%s\n%s", args, err, stdout, stderr)
	}
	return got
}

const (
	succeeded = "PIPELINE_STATE_SUCCEEDED"
	failed    = "PIPELINE_STATE_FAILED"
)

func TestSubmitRunsTheCall(t *testing.T) {
	t.Parallel()
	submit, _, url := newSubmit(t)
	got := submit("call", "url="+url, "service_account="+caller, "result=.body.caller")
	if got.State != succeeded {
		t.Fatalf("%s\n%s", got.State, got.said)
	}
	for output, want := range map[string]any{"status_code": 200.0, "result": caller} {
		if diff := cmp.Diff([]any{want}, got.outputs("call-private-service", output)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", output, diff)
		}
	}
	refused := submit("call", "url="+url)
	if refused.State != failed || !strings.Contains(refused.said, "; to fix: gcloud iam ") {
		t.Errorf("%s\n%s\nwant a failure with its cure", refused.State, refused.said)
	}
}

func TestSubmitRunsTheBranchThatTheStatusSays(t *testing.T) {
	t.Parallel()
	submit, google, url := newSubmit(t)
	well := submit("branch", "url="+url+"/state", "repair_url="+url+"/repair", "service_account="+caller)
	if well.State != succeeded || !strings.Contains(well.said, "call-private-service-2 succeeded") || strings.Contains(well.said, "call-private-service-3 succeeded") {
		t.Errorf("%s\n%s\nwant the first branch", well.State, well.said)
	}
	unwell := submit("branch", "url="+google.Value(t, "AUTHPIPE_LOCAL_URL_DASHBOARD"), "repair_url="+url+"/repair", "service_account="+caller)
	if unwell.State != succeeded || !strings.Contains(unwell.said, "call-private-service-3 succeeded") {
		t.Errorf("%s\n%s\nwant the second branch", unwell.State, unwell.said)
	}
}

func TestSubmitFansOutAndCollects(t *testing.T) {
	t.Parallel()
	submit, _, url := newSubmit(t)
	got := submit("fan_out", "url="+url, "service_account="+caller, `bodies=["a", "b", "c"]`)
	if diff := cmp.Diff([]any{`{"results": ["200", "200", "200"]}`}, got.outputs("join", "Output")); got.State != succeeded || diff != "" {
		t.Errorf("%s: output of join (-want +got):\n%s\n%s", got.State, diff, got.said)
	}
}

func TestSubmitTellsAServiceHowThePipelineEnded(t *testing.T) {
	t.Parallel()
	submit, _, url := newSubmit(t)
	for target, want := range map[string]string{url: "SUCCEEDED", "http://127.0.0.1:1/": "FAILED"} {
		got := submit("notify", "url="+target, "notify_url="+url+"/told", "service_account="+caller)
		if got.State != "PIPELINE_STATE_"+want {
			t.Errorf("%s: %s\n%s", target, got.State, got.said)
		}
		var answer struct {
			Body struct {
				State string
				Error struct {
					Code    int
					Message string
				}
				PipelineJobResourceName string
			}
		}
		told := got.outputs("notify-private-service", "response_text")
		if len(told) != 1 || json.Unmarshal([]byte(told[0].(string)), &answer) != nil || answer.Body.State != want {
			t.Errorf("the service was told %v, want %s", told, want)
		}
		if !strings.HasPrefix(answer.Body.PipelineJobResourceName, "projects/") {
			t.Errorf("the service was told of %q, want the job's resource name", answer.Body.PipelineJobResourceName)
		}
		if want == "FAILED" && !strings.Contains(answer.Body.Error.Message, "connection refused") {
			t.Errorf("the service was told %+v, want the cause", answer.Body.Error)
		}
	}
}

func TestSubmitHandsTheResponseToPython(t *testing.T) {
	t.Parallel()
	submit, google, url := newSubmit(t)
	got := submit("read_response", "url="+url, "service_account="+caller)
	measured := got.outputs("measure", "Output")
	if len(measured) != 1 || got.State != succeeded {
		t.Fatalf("%s: measured %v\n%s", got.State, measured, got.said)
	}
	responses, err := filepath.Glob(filepath.Join(google.StateDir, "gcs", "*", "*", "*", "call-private-service", "response"))
	if err != nil || len(responses) != 1 {
		t.Fatalf("responses %q, %v", responses, err)
	}
	body, err := os.ReadFile(responses[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := "200: " + jsonText(t, len(body)) + " characters"; measured[0] != want {
		t.Errorf("measured %q, want %q", measured[0], want)
	}
}
