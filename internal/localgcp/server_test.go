package localgcp

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	pipelineAccount = "pipeline@local-project.iam.gserviceaccount.com"
	callerAccount   = "caller@local-project.iam.gserviceaccount.com"
)

// start starts a server that ends with the test.
func start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.StateDir == "" {
		o.StateDir = t.TempDir()
	}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// parse reads a configuration that is the default with more at its end.
func parse(t testing.TB, yaml string) *Config {
	t.Helper()
	c, err := ParseConfig([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func environment(s *Server) map[string]string {
	env := map[string]string{}
	for _, v := range s.Env() {
		env[v.Name] = v.Value
	}
	return env
}

// fetch makes a request and returns the status and the body.
func fetch(t testing.TB, method, url, body string, header http.Header) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		r.Header = header
	}
	answer, err := http.DefaultTransport.RoundTrip(r) // follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

func TestEnv(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	names := make([]string, 0, len(s.Env()))
	for _, v := range s.Env() {
		names = append(names, v.Name)
	}
	want := []string{
		"GCE_METADATA_HOST", "GCE_METADATA_IP", "GOOGLE_CLOUD_PROJECT",
		"AUTHCALL_IAM_ENDPOINT", "AUTHCALL_IAM_ADMIN_ENDPOINT", "AUTHCALL_TOKEN_INFO_ENDPOINT", "AUTHCALL_SECRET_MANAGER_ENDPOINT", "AUTHPIPE_VERTEX_ENDPOINT",
		"AUTHPIPE_SCHEDULER_ENDPOINT", "AUTHPIPE_TASKS_ENDPOINT", "AUTHPIPE_PUBSUB_ENDPOINT", "AUTHPIPE_RUN_ENDPOINT", "AUTHPIPE_RESOURCE_MANAGER_ENDPOINT",
		"AUTHPIPE_FUNCTIONS_ENDPOINT", "AUTHPIPE_IAP_ENDPOINT", "AUTHPIPE_PUBSUB_REST_ENDPOINT", "AUTHPIPE_SERVICE_USAGE_ENDPOINT", "AUTHPIPE_LOCAL_ENDPOINT", "AUTHPIPE_KEYS_URL",
		"AUTHPIPE_PROJECT", "AUTHPIPE_LOCATION", "AUTHPIPE_PIPELINE_ROOT", "AUTHPIPE_SERVICE_ACCOUNT", "AUTHPIPE_SUBMITTER_CREDENTIALS", "AUTHCALL_MOUNT_ROOT",
		"CLOUDSDK_CONFIG", "CLOUDSDK_CORE_PROJECT", "CLOUDSDK_CORE_DISABLE_PROMPTS", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
		"CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM", "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS", "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER",
		"CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER", "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDTASKS",
		"CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM", "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS", "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAP",
		"CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB", "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN", "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", "CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE",
		"STORAGE_EMULATOR_HOST", "AUTHPIPE_LOCAL_URL_HELLO", "AUTHPIPE_LOCAL_URL_DASHBOARD",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, v := range s.Env() {
		if v.Value == "" {
			t.Errorf("%s is empty", v.Name)
		}
		if strings.Contains(v.Value, "ya29.") {
			t.Errorf("%s shows a token", v.Name)
		}
	}
	env := environment(s)
	if env["AUTHPIPE_VERTEX_ENDPOINT"] != s.VertexEndpoint() || env["AUTHPIPE_LOCAL_URL_HELLO"] != s.ServiceURL("hello") {
		t.Errorf("the environment %v does not fit the server", env)
	}
}

func TestEverythingIsOnLoopback(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, v := range s.Env() {
		if strings.HasPrefix(v.Value, "gs://") {
			continue // a bucket is no address
		}
		host, _, err := net.SplitHostPort(strings.Trim(strings.TrimPrefix(v.Value, "http://"), "/"))
		if err == nil && host != "127.0.0.1" {
			t.Errorf("%s is at %s, want 127.0.0.1", v.Name, host)
		}
	}
}

func TestStepEnv(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	env, err := s.StepEnv(callerAccount)
	if err != nil {
		t.Fatal(err)
	}
	host, ok := strings.CutPrefix(env[0], "GCE_METADATA_HOST=")
	if !ok {
		t.Fatalf("got %q, want GCE_METADATA_HOST first", env)
	}
	google := http.Header{"Metadata-Flavor": {"Google"}}
	if _, got := fetch(t, http.MethodGet, "http://"+host+"/computeMetadata/v1/instance/service-accounts/default/email", "", google); got != callerAccount {
		t.Errorf("a step of %s runs as %s", callerAccount, got)
	}
	if again, err := s.StepEnv(callerAccount); err != nil || !slices.Equal(env, again) {
		t.Errorf("got %q, %v the second time, want %q", again, err, env)
	}
	other, err := s.StepEnv(pipelineAccount)
	if err != nil || other[0] == env[0] || other[0] != "GCE_METADATA_HOST="+environment(s)["GCE_METADATA_HOST"] {
		t.Errorf("got %q, %v for the pipeline account, want its own server", other, err)
	}
	for _, v := range env {
		if strings.HasPrefix(v, "CLOUDSDK_") || strings.HasPrefix(v, "STORAGE_") {
			t.Errorf("a step gets %s, which no machine has", v)
		}
	}
	for _, nobody := range []string{"gone@local-project.iam.gserviceaccount.com", "developer@example.com", ""} {
		if _, err := s.StepEnv(nobody); err == nil {
			t.Errorf("a machine runs under %q", nobody)
		}
	}
}

func TestExample(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	tests := []struct {
		pipeline string
		want     map[string]string
	}{
		{"cloudrun", map[string]string{"url": s.ServiceURL("hello") + "/", "service_account": callerAccount}},
		{"iap", map[string]string{"url": s.ServiceURL("dashboard") + "/", "service_account": callerAccount, "audience": "123456789012-dashboard.apps.googleusercontent.com"}},
		{"other", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, s.Example(tt.pipeline)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.pipeline, diff)
		}
	}
	none := start(t, Options{Config: parse(t, minimal+"services: [{name: open, kind: cloudrun, app: hello, invokers: [allUsers]}]")})
	want := map[string]string{"url": none.ServiceURL("open") + "/"}
	if diff := cmp.Diff(want, none.Example("cloudrun")); diff != "" {
		t.Errorf("a public service (-want +got):\n%s", diff)
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	short := t.TempDir()
	if err := os.MkdirAll(filepath.Join(short, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(short, "keys", "access-token.secret"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		dir  string
		want string
	}{
		{"no directory", t.Context(), "", "no state directory"},
		{"directory below a file", t.Context(), filepath.Join(file, "state"), "not a directory"},
		{"short secret", t.Context(), short, "holds 5 bytes, want 32"},
		{"cancelled", cancelled, t.TempDir(), "canceled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := Start(tt.ctx, Options{StateDir: tt.dir})
			if err == nil {
				t.Fatal(s.Close())
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestNothingAnswersAfterClose(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{StateDir: ownPorts(t)})
	if err != nil {
		t.Fatal(err)
	}
	env := environment(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GCE_METADATA_HOST", "AUTHCALL_IAM_ENDPOINT", "AUTHPIPE_VERTEX_ENDPOINT", "AUTHPIPE_LOCAL_URL_HELLO"} {
		address := strings.TrimPrefix(env[name], "http://")
		answer, err := http.Get("http://" + address + "/")
		if err == nil {
			_ = answer.Body.Close()
			t.Errorf("%s: something answers", name)
		}
	}
	if _, err := s.StepEnv(callerAccount); err == nil {
		t.Error("a closed server starts a metadata server")
	}
}

func TestUpstream(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path+" "+r.Header.Get("X-Forwarded-Proto"))
	}))
	t.Cleanup(upstream.Close)
	s := start(t, Options{Config: parse(t, minimal+"services: [{name: mine, kind: cloudrun, upstream: '"+upstream.URL+"', invokers: [allUsers]}]")})
	if code, body := fetch(t, http.MethodGet, s.ServiceURL("mine")+"/path", "", nil); code != http.StatusOK || body != "/path http" {
		t.Errorf("got %d %q, want the application's answer", code, body)
	}
}
