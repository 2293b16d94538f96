package component

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/version"
)

func TestOrigin(t *testing.T) {
	t.Parallel()
	product := "authcall/" + version.Get().String()
	cases := []struct {
		name, outputFile string
		env              map[string]string
		agent, log       string
	}{
		{name: "nothing", agent: product},
		{name: "Vertex AI", outputFile: "/gcs/b/root/123/call-20260102/call_-456/executor_output.json",
			env:   map[string]string{"CLOUD_ML_JOB_ID": "789", "VERTEX_AI_PIPELINES_RUN_LABELS": `{"team":"ml","run":"7"}`},
			agent: product + " (task 123/call-20260102/call_-456)",
			log:   "task 123/call-20260102/call_-456, custom job 789, labels run=7 team=ml"},
		{name: "Kubeflow", outputFile: "/minio/b/v2/artifacts/p/run-1/call/salt/output_metadata.json",
			env:   map[string]string{"KFP_POD_NAME": "p-1", "KFP_RETRY_INDEX": "2"},
			agent: product + " (task run-1/call/salt; retry 2)",
			log:   "task run-1/call/salt, retry 2, pod p-1"},
		{name: "first try", outputFile: "/r/j/call/out.json", env: map[string]string{"KFP_RETRY_INDEX": "0"}, agent: product + " (task r/j/call)"},
		{name: "no path", outputFile: "out.json", agent: product},
		{name: "what no header holds", outputFile: "/a(b)/c\r\nd/ü/out.json", agent: product + " (task a_b_/c__d/_)"},
		{name: "labels of another kind", env: map[string]string{"VERTEX_AI_PIPELINES_RUN_LABELS": "x"}, agent: product},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := originOf(c.outputFile, func(name string) string { return c.env[name] })
			if got := o.userAgent(); got != c.agent {
				t.Errorf("user agent %q, want %q", got, c.agent)
			}
			if got := o.String(); got != c.log {
				t.Errorf("log %q, want %q", got, c.log)
			}
		})
	}
}

// A request leads back to the task that made it, and its try.
func TestStepTellsItsOrigin(t *testing.T) {
	t.Setenv("KFP_RETRY_INDEX", "1")
	var agent string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { agent = r.UserAgent() }))
	defer server.Close()
	var log bytes.Buffer
	step := newStep(t)
	step.Log = zerolog.New(&log)
	dir := t.TempDir()
	if err := step.Run(t.Context(), inputFor(t, dir, map[string]any{"url": server.URL})); err != nil {
		t.Fatal(err)
	}
	if want := filepath.Base(dir) + "; retry 1)"; !strings.HasSuffix(agent, want) {
		t.Errorf("user agent %q, want it to end with %q", agent, want)
	}
	if want := filepath.Base(dir) + ", retry 1"; !strings.Contains(log.String(), want) {
		t.Errorf("log %s, want %q in it", &log, want)
	}
}
