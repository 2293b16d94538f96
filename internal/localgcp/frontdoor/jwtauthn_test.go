package frontdoor_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/localgcp/frontdoor"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

func (w world) jwtAuthn(t testing.TB, change func(*frontdoor.JWTAuthn)) (http.Handler, *seen) {
	t.Helper()
	app := &seen{}
	settings := frontdoor.JWTAuthn{Audiences: []string{origin}, Keys: w.issuer.IDTokenKeys(), HasKey: w.issuer.HasIDTokenKey, App: app}
	if change != nil {
		change(&settings)
	}
	door, err := settings.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return door, app
}

func TestJWTAuthn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := newWorld(t)
	const realm = `Bearer realm="http://example.com/a?b=c"`
	list := func(j *frontdoor.JWTAuthn) { j.Emails = []string{caller} }
	istio := func(j *frontdoor.JWTAuthn) { j.AllowMissing = true }
	inJSON := func(j *frontdoor.JWTAuthn) { j.JSON = true }
	tests := []struct {
		name      string
		change    func(*frontdoor.JWTAuthn)
		token     string
		want      int
		text      string
		challenge string
	}{
		{"good", nil, w.idToken(t, stranger, origin), 200, "the app", ""},
		{"missing", nil, "", 401, "Jwt is missing", realm},
		{"access token", nil, w.accessToken(t, caller), 401, "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections", realm + `, error="invalid_token"`},
		{"signature of another", nil, foreign.idToken(t, caller, origin), 401, "Jwks doesn't have key to match kid or alg from Jwt", realm + `, error="invalid_token"`},
		{"another audience", nil, w.idToken(t, caller, "https://other.example"), 403, "Audiences in Jwt are not allowed", realm + `, error="invalid_token"`},
		{"alg none", nil, unsigned(w.idToken(t, caller, origin)), 401, "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections", realm + `, error="invalid_token"`},
		{"HMAC", nil, relabelled(w.idToken(t, caller, origin)), 401, "Jwks doesn't have key to match kid or alg from Jwt", realm + `, error="invalid_token"`},
		{"self-signed", nil, w.selfSigned(t, caller, origin, nil), 401, "Jwt issuer is not configured", realm + `, error="invalid_token"`},
		{"on the list", list, w.idToken(t, caller, origin), 200, "the app", ""},
		{"not on the list", list, w.idToken(t, stranger, origin), 403, "RBAC: access denied", ""},
		{"missing before Istio", istio, "", 403, "RBAC: access denied", ""},
		{"missing before API Gateway", inJSON, "", 401, `{"code":401,"message":"Jwt is missing"}`, realm},
		{"another audience before API Gateway", inJSON, w.idToken(t, caller, "x"), 403, `{"code":403,"message":"Audiences in Jwt are not allowed"}`, realm + `, error="invalid_token"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var header http.Header
			if tt.token != "" {
				header = bearer(tt.token)
			}
			door, app := w.jwtAuthn(t, tt.change)
			answer := ask(door, http.MethodGet, "/a?b=c", header)
			if answer.Code != tt.want || answer.Body.String() != tt.text {
				t.Errorf("got %d %q, want %d %q", answer.Code, answer.Body, tt.want, tt.text)
			}
			if got := answer.Header().Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("got challenge %q, want %q", got, tt.challenge)
			}
			if (app.header != nil) != (tt.want == 200) {
				t.Errorf("the application was asked: %v, status %d", app.header != nil, answer.Code)
			}
		})
	}
}

// unsigned is the token with a header that names no algorithm.
func unsigned(token string) string {
	parts := strings.Split(token, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"x"}`)) + "." + parts[1] + "."
}

// relabelled is the token with the header of one that a shared secret signs.
func relabelled(token string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + token[strings.IndexByte(token, '.'):]
}

func TestGatewayTellsTheApplicationWhoCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	door, app := w.jwtAuthn(t, func(j *frontdoor.JWTAuthn) {
		j.UserInfo = "X-Endpoint-Api-Userinfo"
		j.Own = func() (string, error) {
			return w.issuer.IDToken(issuer.IDToken{Subject: "1", Email: "gateway@example.com", Audience: "backend"})
		}
	})
	token := w.idToken(t, caller, origin)
	if answer := ask(door, http.MethodGet, "/", bearer(token)); answer.Code != 200 {
		t.Fatalf("got %d %s, want 200", answer.Code, answer.Body)
	}
	if got := app.header.Get("X-Forwarded-Authorization"); got != "Bearer "+token {
		t.Errorf("the caller's token is not in X-Forwarded-Authorization")
	}
	if got := app.header.Get("Authorization"); got == "Bearer "+token || !strings.HasPrefix(got, "Bearer ey") {
		t.Errorf("Authorization is not the gateway's own")
	}
	data, err := base64.RawURLEncoding.DecodeString(app.header.Get("X-Endpoint-Api-Userinfo"))
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil || claims["email"] != caller {
		t.Errorf("got claims %v, %v, want those of %s", claims, err, caller)
	}
}

func TestAtPath(t *testing.T) {
	t.Parallel()
	app := &seen{}
	door := frontdoor.AtPath("/hello", app)
	for path, want := range map[string]int{"/hello": 200, "/hello/x": 200, "/hellox": 404, "/": 404} {
		if answer := ask(door, http.MethodGet, path, nil); answer.Code != want {
			t.Errorf("%s: got %d, want %d", path, answer.Code, want)
		}
	}
}
