package component

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/exitcode"
)

// secretManager serves secret versions to a user, and sets the environment that
// leads to it.
func secretManager(t *testing.T, versions map[string]string) {
	t.Helper()
	google := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/v1/"), ":access")
		value, found := versions[name]
		switch {
		case r.URL.Path == "/token":
			_, _ = io.WriteString(w, `{"access_token": "ya29.me", "expires_in": 3599, "token_type": "Bearer"}`)
		case found && r.Header.Get("Authorization") == "Bearer ya29.me":
			data := []byte(value)
			sum := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
			_ = json.NewEncoder(w).Encode(map[string]any{"payload": map[string]any{"data": data, "dataCrc32c": fmt.Sprint(sum)}})
		default:
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error": {"code": 403, "message": "Permission 'secretmanager.versions.access' denied"}}`)
		}
	}))
	t.Cleanup(google.Close)
	file := fmt.Sprintf(`{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","token_uri":"%s/token"}`, google.URL)
	path := filepath.Join(t.TempDir(), "adc.json")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
	t.Setenv("AUTHCALL_SECRET_MANAGER_ENDPOINT", google.URL+"/")
}

func TestSecretHeadersComeFromSecretManager(t *testing.T) {
	const version = "projects/p/secrets/api-key/versions/latest"
	secretManager(t, map[string]string{version: "hunter2\n"})
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("X-Api-Key")
		w.Header().Set("X-Echo", got)
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "you sent "+got)
	}))
	defer server.Close()

	options := map[string]string{"url": server.URL, "secret_headers": `{"X-Api-Key": "` + version + `"}`}
	outcome, _, err := do(t, testPolicy(t), options)
	if err != nil || got != "hunter2" {
		t.Errorf("the service got %q, %v; want the secret", got, err)
	}
	for where, text := range map[string]string{"response_text": outcome.Text, "message": outcome.Finding().String(), "metadata": fmt.Sprint(outcome.published)} {
		if strings.Contains(text, "hunter2") || !strings.Contains(text, "[redacted]") {
			t.Errorf("%s is %q, want it without the secret", where, text)
		}
	}
	options["success"], options["result"] = "true", ".body"
	if outcome, _, err = do(t, testPolicy(t), options); err != nil || outcome.Result != "you sent [redacted]" {
		t.Errorf("result %+v, %v; want it without the secret", outcome, err)
	}
	options["result"] = ".body.x"
	if _, _, err = do(t, testPolicy(t), options); err == nil || strings.Contains(Explain(err).String(), "hunter2") {
		t.Errorf("error = %v, want one without the secret", err)
	}
	_, _, err = do(t, testPolicy(t), map[string]string{"url": server.URL, "secret_headers": `{"X-Api-Key": "projects/p/secrets/other/versions/1"}`})
	finding := Explain(err)
	if finding.Code != exitcode.Identity || !strings.Contains(finding.String(), "gcloud secrets add-iam-policy-binding other --project=p") {
		t.Errorf("Explain = %+v, want the binding that is missing", finding)
	}
}

func TestRedaction(t *testing.T) {
	t.Parallel()
	c := &Caller{secrets: []string{`pass"word`, "s"}, sent: &authorizer{last: auth.Credential{Token: "header.claims.signature"}}}
	long := strings.Repeat("x", responseTextBytes-20)
	for text, want := range map[string]string{
		`Basic pass"word`:                  "Basic [redacted]",
		`{"X-Api-Key": "pass\"word"}`:      `{"X-Api-Key": "[redacted]"}`,
		"Bearer header.claims.signature":   "Bearer [redacted]",
		"short secrets stay":               "short secrets stay",
		long + " header.claims.signature":  long + " [redacted]",
		long + "0123456789 header.claims.": long + "0123456789 [redacted]",
	} {
		if got := c.textOf([]byte(text)); got != want {
			t.Errorf("textOf(…%q) = …%q, want …%q", text[max(0, len(text)-40):], got[max(0, len(got)-40):], want[max(0, len(want)-40):])
		}
	}
}

func TestPublishedHeadersHaveABound(t *testing.T) {
	t.Parallel()
	header := http.Header{"A": {"first"}, "Set-Cookie": {"hunter2"}, "Z": {"last"}}
	for i := range 1000 {
		header[fmt.Sprintf("X-%d", i)] = []string{strings.Repeat("v", 100)}
	}
	published := new(Caller).published(header)
	total := 0
	for name, text := range published {
		total += len(name) + len(fmt.Sprint(text))
	}
	if total > publishedBytes || len(published) < 100 || published["a"] != "first" || published["set-cookie"] != nil {
		t.Errorf("%d headers of %d bytes, want at most %d bytes with the first among them", len(published), total, publishedBytes)
	}
}

func TestHeaderThatCarriesTheCredential(t *testing.T) {
	t.Parallel()
	own := StringMap{"authorization": "Basic x"}
	cases := []struct {
		name   string
		config Config
		want   string
	}{
		{"by default", Config{Auth: auth.IDToken}, "Authorization"},
		{"beside the app's own, for Cloud Run", Config{Auth: auth.IDToken, Headers: own, Audience: "https://a.run.app"}, "X-Serverless-Authorization"},
		{"beside the app's own, for IAP by client id", Config{Auth: auth.IDToken, Headers: own, Audience: "1-a.apps.googleusercontent.com"}, "Proxy-Authorization"},
		{"beside the app's own, for IAP by signed JWT", Config{Auth: auth.IAPJWT, Headers: own}, "Proxy-Authorization"},
		{"beside a secret one", Config{Auth: auth.IDToken, SecretHeaders: own}, "X-Serverless-Authorization"},
		{"as named", Config{AuthHeader: "proxy-authorization"}, "Proxy-Authorization"},
	}
	for _, c := range cases {
		if got := c.config.authHeader(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	var keys []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
	}))
	defer server.Close()
	task, other := t.TempDir(), t.TempDir()
	for _, dir := range []string{task, task, other} {
		if err := newStep(t).Run(t.Context(), inputFor(t, dir, map[string]any{"url": server.URL, "idempotency_key": "auto"})); err != nil {
			t.Fatal(err)
		}
	}
	if err := newStep(t).Run(t.Context(), inputFor(t, task, map[string]any{"url": server.URL, "idempotency_key": "mine"})); err != nil {
		t.Fatal(err)
	}
	if keys[0] == "" || keys[0] != keys[1] || keys[1] == keys[2] || keys[3] != "mine" {
		t.Errorf("keys %q, want the same for the same task, another for another, and one's own as given", keys)
	}
}

func TestThereIsNoTokenOfNone(t *testing.T) {
	t.Parallel()
	_, err := Token(t.Context(), Config{Auth: auth.None, Audience: "x", TimeoutSeconds: 1}, Policy{}, zerolog.Nop())
	if Explain(err).Code != exitcode.Usage {
		t.Errorf("Token = %v, want bad input", err)
	}
}

func TestTheSameTokenIsNotSentTwice(t *testing.T) {
	fakeGoogle(t, "openid", nil)
	var seen atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	outcome, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL, "auth": "access-token"})
	if err != nil || outcome.Answer.Status != http.StatusUnauthorized || seen.Load() != 1 {
		t.Errorf("asked %d times, %+v, %v; want once, for the ambient token has no other", seen.Load(), outcome, err)
	}
}
