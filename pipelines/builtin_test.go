package pipelines_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

func TestBuiltins(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"cloudrun", "iap"}, pipelines.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, name := range pipelines.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, err := pipelines.Builtin(name, pipelines.WithImage("example.test/authcall:1"))
			if err != nil {
				t.Fatal(err)
			}
			if got := spec.PipelineInfo.Name; got != "auth-pipeline-"+name {
				t.Errorf("got pipeline name %q", got)
			}
			golden(t, name, spec)
		})
	}
}

func TestBuiltinRunsThisBuildsImage(t *testing.T) {
	t.Parallel()
	spec, err := pipelines.Builtin("cloudrun")
	if err != nil {
		t.Fatal(err)
	}
	want := &pipelinespec.Container{Image: component.DefaultImage(), Command: component.Command(), Args: component.Args()}
	if diff := cmp.Diff(want, spec.DeploymentSpec.Executors["exec-call"].Container); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnknownBuiltinListsTheKnown(t *testing.T) {
	t.Parallel()
	_, err := pipelines.Builtin("cloudrum")
	want := `no built-in pipeline "cloudrum", there is cloudrun, iap`
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestBuiltinParameters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		given   map[string]string
		wantErr string
	}{
		{"cloudrun", map[string]string{"url": "https://a", "headers": `{"A": "b"}`, "timeout_seconds": "5"}, ""},
		{"cloudrun", map[string]string{}, `parameter "url": got nothing`},
		{"cloudrun", map[string]string{"url": "https://a", "delegates": "x"}, `parameter "delegates": got text that is no JSON`},
		{"iap", map[string]string{"url": "https://a", "audience": "client"}, ""},
		{"iap", map[string]string{"url": "https://a"}, `parameter "audience": got nothing`},
	}
	for _, tt := range tests {
		spec, err := pipelines.Builtin(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = spec.BindParameters(tt.given)
		if got := errorText(err); tt.wantErr == "" && got != "" || !strings.Contains(got, tt.wantErr) {
			t.Errorf("%s %v: got error %q, want %q", tt.name, tt.given, got, tt.wantErr)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
