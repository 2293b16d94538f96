package authpipe

import (
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/exitcode"
)

func TestGateConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		args       []string
		want       int
		wantStdout string
		wantStderr string
	}{
		{name: "Envoy", args: []string{"envoy", "--audience", "https://a.example", "--email", "x@example.com"}, want: exitcode.OK, wantStdout: `exact: "x@example.com"`},
		{name: "two audiences", args: []string{"apache", "--audience", "https://a.example,https://b.example"}, want: exitcode.OK, wantStdout: "aud:https://b.example"},
		{name: "HAProxy's keys", args: []string{"haproxy", "--audience", "https://a.example"}, want: exitcode.OK, wantStdout: `"/etc/haproxy/google/google-1.pem"`},
		{name: "no proxy", want: exitcode.Usage, wantStderr: "PROXY is missing"},
		{name: "unknown proxy", args: []string{"nginx", "--audience", "a"}, want: exitcode.Usage, wantStderr: "want one of apache, endpoints, envoy, haproxy, istio"},
		{name: "no audience", args: []string{"envoy"}, want: exitcode.Usage, wantStderr: "no audience"},
		{name: "emails that nobody checks", args: []string{"endpoints", "--audience", "a", "--email", "x@example.com"}, want: exitcode.Usage, wantStderr: "looks at no email"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			if code := w.run(t.Context(), append([]string{"gate", "config"}, tt.args...)...); code != tt.want {
				t.Errorf("exit code = %d, want %d: %s", code, tt.want, w.err.String())
			}
			if !strings.Contains(w.out.String(), tt.wantStdout) || !strings.Contains(w.err.String(), tt.wantStderr) {
				t.Errorf("stdout %q, stderr %q, want %q, %q", w.out.String(), w.err.String(), tt.wantStdout, tt.wantStderr)
			}
		})
	}
}
