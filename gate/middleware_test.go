package gate_test

import (
	"errors"
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
		{name: "not on the list", headers: []string{"Bearer " + token}, emails: []string{"x@example.com"}, want: 403, challenge: `Bearer error="insufficient_scope", error_description="token refused: email not allowed"`},
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

func FuzzVerify(f *testing.F) {
	for _, attack := range attacks(f) {
		f.Add(attack.token)
	}
	valid := good(f, goodClaims())
	g := newGate(f, gate.Policy{Audiences: []string{audience}})
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := g.Verify(t.Context(), token)
		if err == nil && token != valid {
			t.Fatalf("let in as %+v: %q", claims, token)
		}
		if err != nil && reasonOf(t, err) == "" {
			t.Fatalf("refusal without a reason: %v", err)
		}
	})
}

func FuzzBearer(f *testing.F) {
	for _, seed := range []string{"", "Bearer", "Bearer x", "bearer  x ", "Basic x", "Bearer a b", "Bearer a,b", "Bearer\ta"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		token, err := gate.Bearer(http.Header{"Authorization": {value}}, "Authorization")
		if _, ok := errors.AsType[*gate.Error](err); err != nil && !ok {
			t.Fatalf("got error %T", err)
		}
		if err == nil && (token == "" || strings.ContainsAny(token, " ,") || !strings.Contains(value, token)) {
			t.Fatalf("%q gave token %q", value, token)
		}
	})
}
