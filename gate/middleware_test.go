package gate_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authcall/authcall/gate"
)

func TestMiddleware(t *testing.T) {
	t.Parallel()
	token := good(t, goodClaims())
	tests := []struct {
		name      string
		headers   []string
		emails    []string
		brokenKey bool
		want      int
		challenge string
	}{
		{name: "good token", headers: []string{"Bearer " + token}, want: 200},
		{name: "scheme in another case", headers: []string{"bearer " + token}, want: 200},
		{name: "no header", want: 401, challenge: "Bearer"},
		{name: "empty header", headers: []string{""}, want: 401, challenge: "Bearer"},
		{name: "no token", headers: []string{"Bearer"}, want: 401, challenge: "Bearer"},
		{name: "basic", headers: []string{"Basic dXNlcjpwYXNz"}, want: 401, challenge: "Bearer"},
		{name: "token without scheme", headers: []string{token}, want: 401, challenge: "Bearer"},
		{name: "two headers", headers: []string{"Bearer " + token, "Bearer " + token}, want: 401, challenge: `Bearer error="invalid_token", error_description="token refused: malformed"`},
		{name: "two tokens", headers: []string{"Bearer " + token + " " + token}, want: 401, challenge: `Bearer error="invalid_token", error_description="token refused: malformed"`},
		{name: "access token", headers: []string{"Bearer ya29.abc"}, want: 401, challenge: `Bearer error="invalid_token", error_description="token refused: malformed"`},
		{name: "not on the list", headers: []string{"Bearer " + token}, emails: []string{"x@example.com"}, want: 403, challenge: `Bearer error="insufficient_scope", error_description="token refused: caller not allowed"`},
		{name: "keys cannot be had", headers: []string{"Bearer " + token}, brokenKey: true, want: 503, challenge: "Bearer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			keys := newKeyServer(t)
			if tt.brokenKey {
				keys.answer(http.StatusBadGateway, nil)
			}
			g := newGate(t, gate.Policy{Audiences: []string{audience}, Emails: tt.emails, KeysURL: keys.URL})
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header["Authorization"] = tt.headers
			g.Middleware(http.HandlerFunc(sayCaller)).ServeHTTP(w, r)
			if w.Code != tt.want || w.Header().Get("WWW-Authenticate") != tt.challenge {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Header().Get("WWW-Authenticate"), tt.want, tt.challenge)
			}
			if tt.want == 200 && w.Body.String() != caller {
				t.Errorf("the handler saw caller %q, want %q", w.Body, caller)
			}
			if strings.Contains(w.Body.String(), token) {
				t.Error("the answer shows the token")
			}
		})
	}
}

func sayCaller(w http.ResponseWriter, r *http.Request) {
	if claims, ok := gate.FromContext(r.Context()); ok {
		_, _ = w.Write([]byte(claims.Email))
	}
}

func TestFromContextWithoutGate(t *testing.T) {
	t.Parallel()
	if claims, ok := gate.FromContext(t.Context()); ok {
		t.Errorf("got claims %+v, want none", claims)
	}
}

func TestMiddlewareHeaders(t *testing.T) {
	t.Parallel()
	ok, bad := "Bearer "+good(t, goodClaims()), "Bearer "+good(t, with(map[string]any{"aud": "https://other.example.com"}))
	bare := strings.TrimPrefix(ok, "Bearer ")
	tests := []struct {
		name    string
		wanted  []string
		headers map[string]string
		want    int
	}{
		{"Authorization", nil, map[string]string{"Authorization": ok}, 200},
		{"X-Serverless-Authorization", nil, map[string]string{"X-Serverless-Authorization": ok}, 200},
		{"X-Serverless-Authorization goes first", nil, map[string]string{"X-Serverless-Authorization": ok, "Authorization": bad}, 200},
		{"X-Serverless-Authorization decides alone", nil, map[string]string{"X-Serverless-Authorization": bad, "Authorization": ok}, 401},
		{"empty X-Serverless-Authorization decides too", nil, map[string]string{"X-Serverless-Authorization": "", "Authorization": ok}, 401},
		{"one's own", []string{"X-Forwarded-Authorization"}, map[string]string{"X-Forwarded-Authorization": ok}, 200},
		{"one's own and nothing else", []string{"X-Forwarded-Authorization"}, map[string]string{"Authorization": ok}, 401},
		{"one's own in other letters", []string{"x-forwarded-authorization"}, map[string]string{"X-Forwarded-Authorization": ok}, 200},
		{"bare token", []string{"X-Token"}, map[string]string{"X-Token": bare}, 200},
		{"bare token with a scheme", []string{"X-Token"}, map[string]string{"X-Token": ok}, 401},
		{"bearer without its scheme", nil, map[string]string{"Authorization": bare}, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, gate.Policy{Audiences: []string{audience}, Headers: tt.wanted})
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
			for name, value := range tt.headers {
				r.Header.Set(name, value)
			}
			g.Middleware(http.HandlerFunc(sayCaller)).ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("got %d %q, want %d", w.Code, w.Body, tt.want)
			}
		})
	}
}

func TestMiddlewareBehindIAP(t *testing.T) {
	t.Parallel()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set(gate.IAPHeader, assertion(t, nil))
	iapGate(t).Middleware(http.HandlerFunc(sayCaller)).ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Body.String() != caller {
		t.Errorf("got %d %q, want %q", w.Code, w.Body, caller)
	}
}

func TestMiddlewarePublicPaths(t *testing.T) {
	t.Parallel()
	g := newGate(t, gate.Policy{Audiences: []string{audience}, Public: []string{"/healthz"}})
	tests := []struct {
		url  string
		want int
	}{
		{"/healthz", 200},
		{"/healthz?verbose=1", 200},
		{"/%68ealthz", 200}, // the same path
		{"/healthz/", 401},
		{"/healthz/../secret", 401},
		{"/healthz%2f..%2fsecret", 401},
		{"//healthz", 401},
		{"/HEALTHZ", 401},
		{"/secret?x=/healthz", 401},
		{"/", 401},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			g.Middleware(http.HandlerFunc(sayCaller)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.url, nil))
			if w.Code != tt.want {
				t.Errorf("got %d %q, want %d", w.Code, w.Body, tt.want)
			}
		})
	}
}
