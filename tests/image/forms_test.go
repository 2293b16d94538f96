package image

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/tests/internal/localup"
)

// The SDK loads every form, from a file and from text; the pipeline form keeps
// what the others have no place for, and runs as it is.
func TestForms(t *testing.T) {
	t.Parallel()
	d := newDesk(t, withPython(t), component.DefaultImage())
	if _, stderr, err := d.run(t, "authpipe", "component", "--format", "ir", "--retries", "2", "--memory", "256Mi", "-o", "ir.yaml"); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	type kept struct {
		Cache   bool
		Retries int
		Memory  string
	}
	var got struct {
		Found   []kept
		Refusal string
	}
	if err := json.Unmarshal([]byte(d.python(t, "component_forms.py")), &got); err != nil {
		t.Fatal(err)
	}
	want := []kept{{Retries: 2, Memory: "256Mi"}, {Retries: 2, Memory: "256Mi"}}
	if diff := cmp.Diff(want, got.Found); diff != "" {
		t.Errorf("settings in a pipeline around it (-want +got):\n%s", diff)
	}
	if !strings.Contains(got.Refusal, "can only be used in an exit task") {
		t.Errorf("the SDK took the notifier elsewhere (%q): are two files still needed?", got.Refusal)
	}

	google := localup.Start(t)
	stdout, stderr, err := d.run(t, "authpipe", "submit", "ir.yaml", "--local", "--state-dir", google.StateDir, "-o", "json",
		"-p", "url="+google.Value(t, "AUTHPIPE_LOCAL_URL_HELLO"), "-p", "service_account="+caller)
	var run submission
	if err != nil || json.Unmarshal([]byte(stdout), &run) != nil || run.State != succeeded {
		t.Errorf("submitted as it is: %v\n%s\n%s", err, stdout, stderr)
	}
}
