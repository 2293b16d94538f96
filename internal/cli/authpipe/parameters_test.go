package authpipe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/pipelines"
)

func builtin(t *testing.T, name string) *pipelinespec.Spec {
	t.Helper()
	spec, err := pipelines.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestParameterTexts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		pairs   []string
		file    string
		want    map[string]string
		wantErr string
	}{
		{name: "none", want: map[string]string{}},
		{name: "pairs", pairs: []string{"url=http://x/?a=b", "body="}, want: map[string]string{"url": "http://x/?a=b", "body": ""}},
		{name: "the last pair counts", pairs: []string{"url=a", "url=b"}, want: map[string]string{"url": "b"}},
		{name: "pairs win over a file", pairs: []string{"url=b"}, file: "url: a\nmethod: GET\n", want: map[string]string{"url": "b", "method": "GET"}},
		{
			name: "a file keeps types", file: `{"timeout_seconds": 7, "fail_on_http_error": false, "headers": {"X-A": "1"}, "delegates": ["a", "b"], "body": "7"}`,
			want: map[string]string{"timeout_seconds": "7", "fail_on_http_error": "false", "headers": `{"X-A":"1"}`, "delegates": `["a","b"]`, "body": "7"},
		},
		{name: "an unknown name is left to the binding", file: "nope: 1", want: map[string]string{"nope": "1"}},
		{name: "an empty file", file: "", want: map[string]string{}},

		{name: "no value", pairs: []string{"url"}, wantErr: "want NAME=VALUE"},
		{name: "no name", pairs: []string{"=x"}, wantErr: "want NAME=VALUE"},
		{name: "a file of a list", file: "- a", wantErr: "want an object of values"},
		{name: "all that is wrong in a file", file: "timeout_seconds: '7'\nbody: 7\n", wantErr: "body"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			flags := parameterFlags{pairs: c.pairs}
			if c.file != "" {
				flags.file = filepath.Join(t.TempDir(), "values")
				if err := os.WriteFile(flags.file, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := flags.texts(builtin(t, "cloudrun"))
			if (err != nil) != (c.wantErr != "") || err != nil && !strings.Contains(err.Error(), c.wantErr) {
				t.Fatalf("texts() error = %v, want %q", err, c.wantErr)
			}
			if err != nil && !is[*usageError](err) {
				t.Errorf("texts() error = %#v, want a usage error", err)
			}
			if diff := cmp.Diff(c.want, got); err == nil && diff != "" {
				t.Errorf("texts() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddExample(t *testing.T) {
	t.Parallel()
	example := map[string]string{"url": "http://hello", "audience": "aud", "service_account": "caller", "unknown": "x"}
	cases := []struct {
		name, pipeline string
		given          map[string]string
		want           map[string]string
	}{
		{name: "all", pipeline: "cloudrun", given: map[string]string{}, want: map[string]string{"url": "http://hello", "audience": "aud", "service_account": "caller"}},
		{name: "what is given stays", pipeline: "cloudrun", given: map[string]string{"service_account": ""}, want: map[string]string{"url": "http://hello", "audience": "aud", "service_account": ""}},
		{name: "another service has another audience", pipeline: "cloudrun", given: map[string]string{"url": "http://mine"}, want: map[string]string{"url": "http://mine", "service_account": "caller"}},
		{name: "unless it cannot be derived", pipeline: "iap", given: map[string]string{"url": "http://mine"}, want: map[string]string{"url": "http://mine", "audience": "aud", "service_account": "caller"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			addExample(c.given, example, builtin(t, c.pipeline))
			if diff := cmp.Diff(c.want, c.given); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
		})
	}
}
