package apps_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/apps"
)

func named(t testing.TB, name string) http.Handler {
	t.Helper()
	app, err := apps.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// stripped is a token as a front door passes it on: without its signature.
func stripped(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return "Bearer " + part([]byte(`{"alg":"RS256"}`)) + "." + part([]byte(claims)) + ".SIGNATURE_REMOVED_BY_GOOGLE"
}

func TestHello(t *testing.T) {
	t.Parallel()
	const caller = "caller@example.com"
	tests := []struct {
		name   string
		header http.Header
		body   string
		want   apps.Greeting
	}{
		{"nobody", nil, "", apps.Greeting{Message: "Hello!"}},
		{"email in the token", http.Header{"Authorization": {stripped(`{"sub":"1","email":"caller@example.com"}`)}}, "", apps.Greeting{Message: "Hello, caller@example.com!", Caller: caller}},
		{"no email in the token", http.Header{"Authorization": {stripped(`{"sub":"1"}`)}}, "", apps.Greeting{Message: "Hello, 1!", Caller: "1"}},
		{"token in the other header", http.Header{"Authorization": {"Bearer x"}, "X-Serverless-Authorization": {stripped(`{"email":"caller@example.com"}`)}}, "", apps.Greeting{Message: "Hello, caller@example.com!", Caller: caller}},
		{"behind IAP", http.Header{"X-Goog-Authenticated-User-Email": {"accounts.google.com:caller@example.com"}}, "", apps.Greeting{Message: "Hello, caller@example.com!", Caller: caller}},
		{"no token at all", http.Header{"Authorization": {"Bearer x"}}, "", apps.Greeting{Message: "Hello!"}},
		{"claims that are no object", http.Header{"Authorization": {stripped(`[]`)}}, "", apps.Greeting{Message: "Hello!"}},
		{"JSON body", nil, `{"a": [1]}`, apps.Greeting{Message: "Hello!", Body: json.RawMessage(`{"a":[1]}`)}},
		{"other body", nil, "a=1", apps.Greeting{Message: "Hello!"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPut, "/some/path?x=1", strings.NewReader(tt.body))
			if tt.header != nil {
				r.Header = tt.header
			}
			w := httptest.NewRecorder()
			named(t, "hello").ServeHTTP(w, r)
			var got apps.Greeting
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			tt.want.Method, tt.want.Path = http.MethodPut, "/some/path"
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("greeting (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHelloRefusesHugeBodies(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	named(t, "hello").ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", 10<<20+1))))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d, want 413", w.Code)
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("a,b\n"))
	r.Header.Set("Content-Type", "text/csv")
	w := httptest.NewRecorder()
	named(t, "echo").ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Body.String() != "a,b\n" || w.Header().Get("Content-Type") != "text/csv" {
		t.Errorf("got %d %q of type %q, want what was sent", w.Code, w.Body, w.Header().Get("Content-Type"))
	}
}

func TestEveryNameIsAnApp(t *testing.T) {
	t.Parallel()
	for _, name := range apps.Names() {
		named(t, name)
	}
	if _, err := apps.Named("bye"); err == nil || !strings.Contains(err.Error(), `"hello"`) {
		t.Errorf("got %v, want an error that lists the names", err)
	}
}
