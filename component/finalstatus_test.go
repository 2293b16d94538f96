package component

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFinalStatusIsTheBodyOfLastResort(t *testing.T) {
	t.Parallel()
	status := map[string]any{"state": "FAILED", "error": map[string]any{"code": 9, "message": `task "call" failed`}}
	const sent = `{"error":{"code":9,"message":"task \"call\" failed"},"state":"FAILED"}`
	cases := []struct {
		name       string
		parameters map[string]any
		want, kind string
	}{
		{name: "an object", parameters: map[string]any{"final_status": status}, want: sent, kind: "application/json"},
		{name: "an object as text", parameters: map[string]any{"final_status": sent}, want: sent, kind: "application/json"},
		{name: "a body goes before it", parameters: map[string]any{"final_status": status, "body": "done"}, want: "done", kind: "text/plain; charset=utf-8"},
		{name: "not told", parameters: map[string]any{"final_status": nil}},
		{name: "empty", parameters: map[string]any{"final_status": map[string]any{}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || string(body) != c.want || r.Header.Get("Content-Type") != c.kind {
					t.Errorf("sent %q as %q, %v; want %q as %q", body, r.Header.Get("Content-Type"), err, c.want, c.kind)
				}
			}))
			defer server.Close()
			c.parameters["url"], c.parameters["auth"] = server.URL, "none"
			step := &Step{Config: Config{Method: "POST", TimeoutSeconds: 30, MaxAttempts: 1, PollIntervalSeconds: 1, FailOnHTTPError: true}}
			if err := step.Run(t.Context(), inputFor(t, t.TempDir(), c.parameters)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFinalStatusIsAnObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"FAILED", `"FAILED"`, "[]", "{"} {
		var c Config
		if err := c.Set("final_status", text); err == nil || !strings.Contains(err.Error(), "want a JSON object") {
			t.Errorf("Set(final_status, %s) = %v, want an error that names an object", text, err)
		}
	}
}
