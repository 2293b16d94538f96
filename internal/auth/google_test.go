package auth

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// fakeGoogle is a metadata server and an IAM Credentials API that answer what a
// test tells them to, and write down what they were asked.
type fakeGoogle struct {
	url     string
	mu      sync.Mutex
	asked   []string
	answers map[string]http.HandlerFunc
}

// shared is where GCE_METADATA_HOST points for this whole test binary: Google's
// library reads it once.
var shared = &fakeGoogle{}

func TestMain(m *testing.M) {
	server := httptest.NewServer(shared)
	for name, value := range map[string]string{
		"GCE_METADATA_HOST":              strings.TrimPrefix(server.URL, "http://"),
		"GOOGLE_APPLICATION_CREDENTIALS": "",
		"HOME":                           os.DevNull,
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	shared.url = server.URL
	code := m.Run()
	server.Close()
	os.Exit(code)
}

// reset gives the shared servers the answers of a Vertex AI job for one test.
func reset(t *testing.T) *fakeGoogle {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.asked = nil
	shared.answers = map[string]http.HandlerFunc{
		"token":           text(`{"access_token": "ya29.ambient", "expires_in": 3599, "token_type": "Bearer"}`),
		"email":           text("pipeline@p.iam.gserviceaccount.com\n"),
		"identity":        status(404, "Not Found\n"),
		"generateIdToken": jsonOf(map[string]string{"token": newJWT(t, time.Hour)}),
		"generateAccessToken": jsonOf(map[string]string{
			"accessToken": "ya29.other", "expireTime": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}),
		"signJwt": jsonOf(map[string]string{"signedJwt": "signed", "keyId": "k"}),
	}
	return shared
}

func (g *fakeGoogle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path[strings.LastIndexAny(r.URL.Path, "/:")+1:]
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	line := fmt.Sprintf("%s %s", name, strings.TrimSpace(string(body)))
	if r.Method == http.MethodPost {
		line = fmt.Sprintf("%s %s %s", r.URL.Path, r.Header.Get("Authorization"), strings.TrimSpace(string(body)))
	}
	g.asked = append(g.asked, strings.TrimSpace(line))
	answer := g.answers[name]
	g.mu.Unlock()
	w.Header().Set("Metadata-Flavor", "Google")
	if answer == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	answer(w, r)
}

func (g *fakeGoogle) set(name string, answer http.HandlerFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers[name] = answer
}

// requests are all that came so far.
func (g *fakeGoogle) requests() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.asked)
}

// last is the newest request that has text in it, or "".
func (g *fakeGoogle) last(text string) string {
	for _, line := range slices.Backward(g.requests()) {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}

// count is how often a path with this ending was asked for.
func (g *fakeGoogle) count(name string) int {
	n := 0
	for _, line := range g.requests() {
		if strings.Contains(line, name) {
			n++
		}
	}
	return n
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func jsonOf(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// times answers the first n requests with one answer and the others with another.
func times(n int, first, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if n--; n >= 0 {
			first(w, r)
			return
		}
		then(w, r)
	}
}

// newJWT is a signed token that ends after life.
func newJWT(t *testing.T, life time.Duration) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: make([]byte, 32)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(jwt.Claims{Expiry: jwt.NewNumericDate(time.Now().Add(life))}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	// What Google signs says RS256; nothing here checks the signature.
	header := `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9`
	_, rest, _ := strings.Cut(token, ".")
	return header + "." + rest
}
