package image

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/tests/internal/localup"
)

// kfpRun is what an example left behind in KFP's Docker runner.
type kfpRun struct {
	// Outputs are the pipeline's, each with its type in Python and its value.
	Outputs map[string][2]any
	Error   string
	// Log is what the runner printed.
	Log string `json:"-"`
}

// newKFP gives a way to run examples with KFP's Docker runner against a local
// Google, at whose service url answers.
func newKFP(t *testing.T) (run func(example string, parameters map[string]any) kfpRun, google *localup.Google, url string) {
	t.Helper()
	e, interpreter := withPythonImage(t)
	withImage(t)
	google = localup.Start(t)
	d := newDesk(t, interpreter, built+":latest")
	d.env = append(d.env, e.Env()...)
	environment := map[string]string{
		"GCE_METADATA_HOST":     google.Value(t, "GCE_METADATA_HOST"),
		"AUTHCALL_IAM_ENDPOINT": google.Value(t, "AUTHCALL_IAM_ENDPOINT"),
	}
	return func(name string, parameters map[string]any) kfpRun {
		t.Helper()
		return d.kfp(t, name, parameters, environment)
	}, google, google.Value(t, "AUTHPIPE_LOCAL_URL_HELLO")
}

// kfp runs an example with KFP's Docker runner.
func (d *desk) kfp(t *testing.T, name string, parameters map[string]any, environment map[string]string) kfpRun {
	t.Helper()
	out := d.python(t, "run_example.py", example(t, name), "--root", t.TempDir(), "--python-image", pythonBase+":latest",
		"--parameters", jsonText(t, parameters), "--environment", jsonText(t, environment))
	last := strings.LastIndexByte(strings.TrimSpace(out), '\n') + 1
	got := kfpRun{Log: out[:last]}
	if err := json.Unmarshal([]byte(out[last:]), &got); err != nil {
		t.Fatalf("%s ended with %q: %v", name, out[last:], err)
	}
	return got
}

// Outputs come back as KFP's own objects, of the types that component.yaml
// declares.
func TestKFPRunsTheCall(t *testing.T) {
	t.Parallel()
	run, _, url := newKFP(t)
	got := run("call", map[string]any{"url": url, "service_account": caller, "body": `{"n": 1}`, "result": ".body.caller"})
	if got.Error != "" {
		t.Fatalf("%s\n%s", got.Error, got.Log)
	}
	text, _ := got.Outputs["response_text"][1].(string)
	want := map[string][2]any{"status_code": {"int", 200.0}, "result": {"str", caller}, "response_text": {"str", text}}
	if diff := cmp.Diff(want, got.Outputs); diff != "" || !strings.Contains(text, `"body":{"n":1}`) {
		t.Errorf("outputs (-want +got):\n%s\nresponse_text %s", diff, text)
	}
	for _, want := range []string{"response: Artifact(", "'status_code': 200.0", "'called_as': '" + caller + "'"} {
		if !strings.Contains(got.Log, want) {
			t.Errorf("the log lacks %q:\n%s", want, got.Log)
		}
	}
}

// A step that fails says why on one line of KFP's own output.
func TestKFPShowsTheCauseOfAFailure(t *testing.T) {
	t.Parallel()
	run, _, url := newKFP(t)
	got := run("call", map[string]any{"url": url})
	if !strings.Contains(got.Error, "call-private-service") {
		t.Errorf("error %q, want one that names the task\n%s", got.Error, got.Log)
	}
	var causes []string
	for line := range strings.Lines(got.Log) {
		if strings.Contains(line, "authcall: ") {
			causes = append(causes, strings.TrimSpace(line))
		}
	}
	if len(causes) != 1 || !strings.Contains(causes[0], "iam.serviceAccounts.getOpenIdToken") || !strings.Contains(causes[0], "; to fix: gcloud iam ") {
		t.Errorf("causes %q, want one line with cause and cure\n%s", causes, got.Log)
	}
}

func TestKFPRunsTheBranchThatTheStatusSays(t *testing.T) {
	t.Parallel()
	run, google, url := newKFP(t)
	parameters := map[string]any{"url": url + "/state", "repair_url": url + "/repair", "service_account": caller}
	got := run("branch", parameters)
	if got.Error != "" || !strings.Contains(got.Log, "POST "+url+"/state as") || strings.Contains(got.Log, url+"/repair") {
		t.Errorf("%s\n%s\nwant the second call at /state", got.Error, got.Log)
	}
	// A token for Cloud Run does not open IAP's door: 401, which is an outcome here.
	parameters["url"] = google.Value(t, "AUTHPIPE_LOCAL_URL_DASHBOARD")
	got = run("branch", parameters)
	if got.Error != "" || !strings.Contains(got.Log, "status_code: 401") || !strings.Contains(got.Log, "POST "+url+"/repair as") {
		t.Errorf("%s\n%s\nwant the second call at /repair", got.Error, got.Log)
	}
}

func TestKFPFansOutAndCollects(t *testing.T) {
	t.Parallel()
	run, _, url := newKFP(t)
	got := run("fan_out", map[string]any{"url": url, "service_account": caller, "bodies": []string{"a", "b", "c"}})
	want := map[string][2]any{"Output": {"str", `{"results": ["200", "200", "200"]}`}}
	if diff := cmp.Diff(want, got.Outputs); got.Error != "" || diff != "" {
		t.Errorf("%s: outputs (-want +got):\n%s\n%s", got.Error, diff, got.Log)
	}
}

// The exit task runs and tells of the outcome, whichever it is.
func TestKFPTellsAServiceHowThePipelineEnded(t *testing.T) {
	t.Parallel()
	run, _, url := newKFP(t)
	parameters := map[string]any{"url": url, "notify_url": url + "/told", "service_account": caller}
	if got := run("notify", parameters); got.Error != "" || !strings.Contains(got.Log, `"state":"SUCCEEDED"`) {
		t.Errorf("%s\n%s\nwant the service to have been told SUCCEEDED", got.Error, got.Log)
	}
	parameters["url"] = "http://127.0.0.1:1/"
	if got := run("notify", parameters); got.Error == "" || !strings.Contains(got.Log, `"state":"FAILED"`) {
		t.Errorf("%s\n%s\nwant the service to have been told FAILED", got.Error, got.Log)
	}
}

func TestKFPHandsTheResponseToPython(t *testing.T) {
	t.Parallel()
	run, _, url := newKFP(t)
	got := run("read_response", map[string]any{"url": url, "service_account": caller})
	if text, _ := got.Outputs["Output"][1].(string); got.Error != "" || !strings.HasPrefix(text, "200: 1") || !strings.HasSuffix(text, " characters") {
		t.Errorf("%s: outputs %v\n%s", got.Error, got.Outputs, got.Log)
	}
}
