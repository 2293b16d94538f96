package gates

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
)

// presented is a token as somebody might present it to a gate.
type presented struct {
	name  string
	token string // empty presents none
}

// tokens are one good token that authcall prints, and all the ways to be bad.
func tokens(t *testing.T) (*google, []presented) {
	t.Helper()
	dir := t.TempDir()
	now := startGoogle(t, dir, "")
	past := startGoogle(t, dir, "clock_offset_seconds: -7200\n")
	future := startGoogle(t, dir, "clock_offset_seconds: 7200\n")
	foreign := startGoogle(t, t.TempDir(), "")
	token := func(g *google, args ...string) string {
		return g.authcall(t, append([]string{"token", "--service-account", caller}, args...)...)
	}
	good := token(now, "--audience", audience)
	return now, []presented{
		{"good", good},
		{"none", ""},
		{"wrong audience", token(now, "--audience", "https://other.example")},
		{"expired", token(past, "--audience", audience)},
		{"issued in the future", token(future, "--audience", audience)},
		{"wrong issuer", token(now, "--auth", "iap-jwt", "--audience", audience)},
		{"signed by another Google", token(foreign, "--audience", audience)},
		{"tampered claims", tampered(t, good)},
		{"tampered signature", flipped(good)},
		{"alg none", unsigned(good)},
		{"HMAC", relabelled(good)},
		{"access token", token(now, "--auth", "access-token")},
	}
}

// tampered is a token whose claims name another caller.
func tampered(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(claims), "caller@", "mallet@", 1)
	if changed == string(claims) {
		t.Fatal("the token does not name the caller")
	}
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(changed)) + "." + parts[2]
}

// flipped has another first character in its signature.
func flipped(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	other := "A"
	if token[at] == 'A' {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}

// unsigned names no algorithm and has no signature.
func unsigned(token string) string {
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	return header + "." + strings.Split(token, ".")[1] + "."
}

// relabelled has the header of a token whose signature a shared secret makes.
func relabelled(token string) string {
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	return header + token[strings.IndexByte(token, '.'):]
}

// answer is what a gate says.
type answer struct {
	Status    int
	Body      string
	Challenge string
}

// present makes a request with the token.
func present(t *testing.T, url, token string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, string(body), response.Header.Get("WWW-Authenticate")}
}
