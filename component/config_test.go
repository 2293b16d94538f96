package component

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/executor"
)

func TestInputsAreTheConfigsFields(t *testing.T) {
	t.Parallel()
	var got []string
	for _, in := range Inputs() {
		optional := "required"
		if in.Optional {
			optional = "default " + in.Default
		}
		got = append(got, in.Name+" "+in.Type+" "+optional)
		if !strings.HasSuffix(in.Description, ".") {
			t.Errorf("%s: description %q, want a sentence", in.Name, in.Description)
		}
	}
	want := []string{
		"url String required", "method String default POST", "query JsonObject default {}", "headers JsonObject default {}",
		"body String default ", "body_uri String default ", "final_status PipelineTaskFinalStatus default {}", "secret_headers JsonObject default {}",
		"service_account String default ", "audience String default ", "delegates JsonArray default []", "auth String default auto", "auth_header String default ",
		"timeout_seconds Integer default 300", "max_attempts Integer default 3", "idempotency_key String default ",
		"success String default ", "result String default ",
		"poll_until String default ", "poll_interval_seconds Integer default 10", "next_page String default ",
		"follow_redirects Boolean default false", "max_response_bytes Integer default 0", "roots String default ", "client_certificate String default ",
		"fail_on_http_error Boolean default true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

func TestImageTag(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"v1.2.3": "1.2.3", "devel": "latest", "v0.0.0-20260102030405-abcdef012345+dirty": "latest", "v1.2.3-rc.1": "latest",
	} {
		if got := imageTag(version); got != want {
			t.Errorf("imageTag(%s) = %s, want %s", version, got, want)
		}
	}
}

func TestSnakeCase(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{"URL": "url", "ServiceAccount": "service_account", "FailOnHTTPError": "fail_on_http_error", "MaxAttempts": "max_attempts"} {
		if got := snakeCase(field); got != want {
			t.Errorf("snakeCase(%s) = %s, want %s", field, got, want)
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	config, _, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Method: "POST", Query: StringMap{}, Headers: StringMap{}, SecretHeaders: StringMap{}, Delegates: StringList{}, Auth: auth.Auto,
		TimeoutSeconds: 300, MaxAttempts: 3, PollIntervalSeconds: 10, FailOnHTTPError: true,
	}
	if diff := cmp.Diff(want, config); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	config.URL = "https://a.example/"
	if err := config.Validate(); err != nil {
		t.Error(err)
	}
}

func TestEnvironment(t *testing.T) {
	cases := []struct {
		name, variable, value string
		want                  func(Config, Policy) bool
		wantErr               string
	}{
		{name: "text", variable: "AUTHCALL_URL", value: "https://a", want: func(c Config, _ Policy) bool { return c.URL == "https://a" }},
		{name: "a header with a colon", variable: "AUTHCALL_HEADERS", value: `{"X-Url": "https://a:1,2"}`, want: func(c Config, _ Policy) bool { return c.Headers["X-Url"] == "https://a:1,2" }},
		{name: "list", variable: "AUTHCALL_DELEGATES", value: "a@p, b@p", want: func(c Config, _ Policy) bool { return len(c.Delegates) == 2 && c.Delegates[1] == "b@p" }},
		{name: "snake case of a run of capitals", variable: "AUTHCALL_FAIL_ON_HTTP_ERROR", value: "false", want: func(c Config, _ Policy) bool { return !c.FailOnHTTPError }},
		{name: "policy", variable: "AUTHCALL_ALLOW_HTTP_HOSTS", value: `["a"]`, want: func(_ Config, p Policy) bool { return len(p.AllowHTTPHosts) == 1 }},
		{name: "endpoint", variable: "AUTHCALL_IAM_ENDPOINT", value: "http://127.0.0.1:1/", want: func(_ Config, p Policy) bool { return p.IAMEndpoint == "http://127.0.0.1:1/" }},
		{name: "endpoint in the clear", variable: "AUTHCALL_IAM_ENDPOINT", value: "http://iam.example/", wantErr: "want https, or http on a loopback address"},
		{name: "endpoint with a password", variable: "AUTHCALL_IAM_ENDPOINT", value: "http://me:hunter2@iam.example/?k=hunter2", wantErr: "AUTHCALL_IAM_ENDPOINT is …@iam.example/…, want https"},
		{name: "negative time", variable: "AUTHCALL_CONNECT_TIMEOUT", value: "-5s", wantErr: "AUTHCALL_CONNECT_TIMEOUT is -5s, want 0s or more"},
		{name: "negative wait", variable: "AUTHCALL_HEADER_TIMEOUT", value: "-5s", wantErr: "AUTHCALL_HEADER_TIMEOUT is -5s, want 0s or more"},
		{name: "negative silence", variable: "AUTHCALL_IDLE_TIMEOUT", value: "-5s", wantErr: "AUTHCALL_IDLE_TIMEOUT is -5s, want 0s or more"},
		{name: "endpoint that is none", variable: "AUTHCALL_IAM_ENDPOINT", value: "iam", wantErr: "not a URL"},
		{name: "misspelt name", variable: "AUTHCALL_ULR", value: "x", wantErr: "AUTHCALL_ULR"},
		{name: "not a number", variable: "AUTHCALL_MAX_ATTEMPTS", value: "hunter2", wantErr: "AUTHCALL_MAX_ATTEMPTS: want a whole number"},
		{name: "not true or false", variable: "AUTHCALL_FAIL_ON_HTTP_ERROR", value: "hunter2", wantErr: "AUTHCALL_FAIL_ON_HTTP_ERROR: want true or false"},
		{name: "not a time", variable: "AUTHCALL_CONNECT_TIMEOUT", value: "hunter2", wantErr: "AUTHCALL_CONNECT_TIMEOUT: want a time such as 30s or 2m"},
		{name: "not an object", variable: "AUTHCALL_HEADERS", value: `["hunter2"]`, wantErr: "AUTHCALL_HEADERS: want a JSON object of strings"},
		{name: "no bare name is read", variable: "URL", value: "https://a", want: func(c Config, _ Policy) bool { return c.URL == "" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(c.variable, c.value)
			config, policy, err := FromEnvironment()
			var input *InputError
			if c.wantErr != "" {
				if !errors.As(err, &input) || !strings.Contains(err.Error(), c.wantErr) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("error = %v, want %q and no value", err, c.wantErr)
				}
				return
			}
			if err != nil || !c.want(config, policy) {
				t.Errorf("config %+v, policy %+v, %v", config, policy, err)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no URL", func(c *Config) { c.URL = " " }, "url is missing"},
		{"not a URL", func(c *Config) { c.URL = "a.example/x" }, `url is "a.example/x", want https://host/path`},
		{"not a URL, with a key", func(c *Config) { c.URL = "a.example/x?key=hunter2" }, `url is "a.example/x…", want https://host/path`},
		{"not a URL, with a password", func(c *Config) { c.URL = "https://me:hunter2%zz@a.example/x#hunter2" }, `url is "…@a.example/x…", want https://host/path`},
		{"no port", func(c *Config) { c.URL = "https://a.example:99999/" }, "port 99999 of url is none, want 1 to 65535"},
		{"audience with a line break", func(c *Config) { c.Audience = "https://a.example\n" }, `audience is "https://a.example\n", want it without white space`},
		{"lower-case method", func(c *Config) { c.Method = "post" }, `method is "post"`},
		{"CONNECT", func(c *Config) { c.Method = "CONNECT" }, `method is "CONNECT"`},
		{"header name", func(c *Config) { c.Headers = StringMap{"a b": "x"} }, `"a b" is not a header name`},
		{"header with a line break", func(c *Config) { c.Headers = StringMap{"A": "hunter2\r\nB: c"} }, "the value of A has a line break"},
		{"framing header", func(c *Config) { c.Headers = StringMap{"content-length": "1"} }, "content-length is set by the call itself"},
		{"credential header", func(c *Config) {
			c.Headers = StringMap{"authorization": "hunter2"}
			c.AuthHeader = "Authorization"
		}, "headers: authorization carries the credential; name another auth_header, or set auth to none"},
		{"credential header among secrets", func(c *Config) {
			c.SecretHeaders = StringMap{"proxy-authorization": "projects/p/secrets/s/versions/1"}
			c.AuthHeader = "Proxy-Authorization"
		}, "secret_headers: proxy-authorization carries the credential"},
		{"unknown auth header", func(c *Config) { c.AuthHeader = "X-Api-Key" }, `auth_header is "X-Api-Key", want one of`},
		{"header in two spellings", func(c *Config) { c.Headers = StringMap{"X-Key": "a", "x-key": "b"} }, "headers: a header is given twice, in different letters"},
		{"secret header in two spellings", func(c *Config) {
			c.SecretHeaders = StringMap{"X-Key": "projects/p/secrets/s/versions/1", "x-key": "projects/p/secrets/s/versions/2"}
		}, "secret_headers: a header is given twice"},
		{"header twice", func(c *Config) {
			c.Headers, c.SecretHeaders = StringMap{"X-Key": "a"}, StringMap{"x-key": "projects/p/secrets/s/versions/1"}
		}, "secret_headers: x-key is among headers too"},
		{"not a secret", func(c *Config) { c.SecretHeaders = StringMap{"X-Key": "my-secret"} }, `secret_headers: X-Key: "my-secret" is no secret version`},
		{"not a certificate's secret", func(c *Config) { c.ClientCertificate = "projects/p/secrets/s" }, "client_certificate: "},
		{"two bodies", func(c *Config) { c.Body, c.BodyURI = "a", "b" }, "body and body_uri are both given"},
		{"large body", func(c *Config) { c.Body = strings.Repeat("x", maxBodyBytes+1) }, "put it into a file and name that in body_uri"},
		{"poll interval", func(c *Config) { c.PollIntervalSeconds = 0 }, "poll_interval_seconds is 0, want 1 to 3600"},
		{"largest response", func(c *Config) { c.MaxResponseBytes = -1 }, "max_response_bytes is -1"},
		{"account", func(c *Config) { c.ServiceAccount = "caller" }, `service_account is "caller"`},
		{"account that would change the path", func(c *Config) { c.ServiceAccount = "a@b/../c" }, "service_account is"},
		{"delegate", func(c *Config) { c.ServiceAccount = "a@b"; c.Delegates = StringList{"x"} }, `delegates holds "x"`},
		{"delegates without an end", func(c *Config) { c.Delegates = StringList{"a@b"} }, "delegates needs service_account"},
		{"timeout", func(c *Config) { c.TimeoutSeconds = 0 }, "timeout_seconds is 0, want 1 to 86400"},
		{"attempts", func(c *Config) { c.MaxAttempts = 11 }, "max_attempts is 11, want 1 to 10"},
		{"all at once", func(c *Config) { c.URL, c.MaxAttempts = "", 0 }, "url is missing, want https://host/path; max_attempts is 0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := Config{URL: "https://a.example/", Method: "POST", Auth: auth.Auto, TimeoutSeconds: 300, MaxAttempts: 3, PollIntervalSeconds: 10}
			c.change(&config)
			err := config.Validate()
			var input *InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("Validate = %v, want %q on one line and no header value", err, c.want)
			}
		})
	}
}

func TestValidUTF8(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain": "plain", "": "", "gr\xc3\xbc\xc3": "grü", "\xe2\x82": "", "a\xf0\x9f\x98": "a", "\xffa": "\uFFFDa", "ü": "ü",
	} {
		if got := validUTF8([]byte(text)); got != want {
			t.Errorf("validUTF8(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzOverlay(f *testing.F) {
	for _, seed := range []string{`{"url":"x"}`, `{"headers":"{\"A\":\"b\"}"}`, `{"max_attempts":1e300}`, `{"delegates":[1]}`, `{"fail_on_http_error":"maybe"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, parameters string) {
		in, err := executor.Parse(`{"inputs":{"parameterValues":` + parameters + `}}`)
		if err != nil {
			return
		}
		var c Config
		if err := c.overlay(in); err == nil {
			_ = c.Validate()
		}
	})
}

func FuzzStringMap(f *testing.F) {
	for _, seed := range []string{"{}", `{"A":"b"}`, `{"A":1}`, "[]", "", `{"A":"b","a":"\u0000"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m StringMap
		if m.Decode(text) != nil {
			return
		}
		c := Config{URL: "https://a.example/", Method: "GET", Headers: m, SecretHeaders: m, TimeoutSeconds: 1, MaxAttempts: 1, PollIntervalSeconds: 1}
		if err := c.Validate(); err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("Validate = %q, want one line", err)
		}
	})
}
