package conformance

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.yaml.in/yaml/v3"
)

// inbox is somebody's own service behind the local Cloud Run, which lets only
// the caller account in.
type inbox struct {
	google   *localGoogle
	received chan letter
	// busy is how many requests are answered with 503 and to come in an hour again.
	busy atomic.Int32
}

// letter is a request that the front door has let through.
type letter struct {
	header http.Header
	path   string
	body   string
}

// newInbox starts a local Google with the service, whose URL is in
// AUTHPIPE_LOCAL_URL_INBOX. It answers 204 where it is not busy.
func newInbox(t *testing.T) *inbox {
	t.Helper()
	in := &inbox{received: make(chan letter, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		in.received <- letter{r.Header, r.URL.Path, string(body)}
		if in.busy.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close) // after the local Google, which is the later one to start
	in.google = localUp(t, "--config", configWith(t, map[string]any{
		"name": "inbox", "kind": "cloudrun", "upstream": server.URL, "invokers": []string{"serviceAccount:" + caller},
	}))
	return in
}

// configWith is the default configuration with another service in place of its own.
func configWith(t *testing.T, service map[string]any) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "authpipe", "local", "config")
	cmd.Env = bareEnv(t)
	data, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]any{}
	if err := yaml.Unmarshal(data, &config); err != nil {
		t.Fatal(err)
	}
	config["services"] = []any{service}
	if data, err = yaml.Marshal(config); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "google.yaml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (in *inbox) url(t *testing.T) string {
	t.Helper()
	return in.google.value(t, "AUTHPIPE_LOCAL_URL_INBOX")
}

// next is the next request that comes in.
func (in *inbox) next(t *testing.T) letter {
	t.Helper()
	select {
	case l := <-in.received:
		return l
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
		return letter{}
	}
}

// emailOf is whose ID token the service got, which the front door has verified.
func emailOf(t *testing.T, l letter) string {
	t.Helper()
	parts := strings.Split(strings.TrimPrefix(l.header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		t.Fatalf("got %d parts of a token, want 3", len(parts))
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Email string }
	if err := json.Unmarshal(data, &claims); err != nil {
		t.Fatal(err)
	}
	return claims.Email
}

// advance moves the clock of the local Google.
func (g *localGoogle) advance(t *testing.T, duration string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "authpipe", "local", "advance", duration)
	cmd.Env = append(bareEnv(t), g.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("authpipe local advance %s: %v\n%s", duration, err, out)
	}
}
