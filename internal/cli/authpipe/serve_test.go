package authpipe

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/exitcode"
)

// serveConfig is a configuration of one route.
const serveConfig = `url: https://events.example.com
routes: [{path: /events, from: http, callers: [a@b.c], pipeline: cloudrun, parameters: {url: .text}}]
`

func writeServeConfig(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "events.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The example that is printed is one that works, and is the one in the guide.
func TestTheExampleOfAConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	if code := w.run(t.Context(), "serve", "--print-config"); code != exitcode.OK {
		t.Fatalf("exit code = %d: %s", code, w.err.String())
	}
	printed := w.out.String()
	if code := w.run(t.Context(), "serve", "--check", "--config", writeServeConfig(t, printed)); code != exitcode.OK {
		t.Errorf("exit code = %d: %s", code, w.err.String())
	}
	guide, err := os.ReadFile("../../../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), "```yaml\n"+printed+"```\n") {
		t.Error("docs/serve.md does not hold what `authpipe serve --print-config` prints")
	}
}

func TestServeRefusesFlagsThatContradict(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"--config is missing":             {},
		"want text or json":               {"--config", "x", "--log-format", "xml"},
		"do not go with --local":          {"--local", "--project", "p"},
		"need --local":                    {"--config", "x", "--state-dir", "s"},
		"unknown log level":               {"--config", "x", "--log-level", "loud"},
		"reading the configuration: open": {"--config", "/nonexistent/x"},
		`unexpected argument "x"`:         {"x"},
	} {
		w := newWorld(t, &fakeService{})
		args = append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)
		if code := w.run(t.Context(), args...); code != exitcode.Usage || !strings.Contains(w.err.String(), want) {
			t.Errorf("%q: exit code = %d: %s; want %q", args, code, w.err.String(), want)
		}
	}
}

// without credentials it does not start, and says what mends it.
func TestServeWithoutCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	w.credentials = func(context.Context, string) (*google.Credentials, error) { return nil, errors.New("none") }
	if code := w.run(t.Context(), "serve", "--listen", "127.0.0.1:0", "--config", writeServeConfig(t, serveConfig)); code == exitcode.OK ||
		!strings.Contains(w.err.String(), "to fix: gcloud auth application-default login") {
		t.Errorf("exit code = %d: %s", code, w.err.String())
	}
}

// On Cloud Run the port is that of the environment.
func TestServeListensOnThePortOfTheEnvironment(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for _, c := range []struct {
		options serveOptions
		port    string
		want    string
	}{
		{serveOptions{}, port, ":" + port},
		{serveOptions{}, "", ":8080"},
		{serveOptions{listen: "127.0.0.1:1"}, port, "127.0.0.1:1"},
		{serveOptions{placeFlags: placeFlags{local: localFlags{on: true}}}, port, "127.0.0.1:8080"},
	} {
		if got := c.options.address(defaults{Port: c.port}); got != c.want {
			t.Errorf("%+v with PORT %q: got %q, want %q", c.options, c.port, got, c.want)
		}
	}
	w := newWorld(t, &fakeService{})
	if code := w.run(t.Context(), "serve", "--listen", taken.Addr().String(), "--config", writeServeConfig(t, serveConfig)); code != exitcode.Usage ||
		!strings.Contains(w.err.String(), "address already in use") {
		t.Errorf("on a port that is taken: exit code = %d: %s", code, w.err.String())
	}
}

// expiring takes the token that it is told of, and no other.
type expiring struct {
	fakeService
	mu   sync.Mutex
	good string
	seen []string
}

func (s *expiring) CreatePipelineJob(ctx context.Context, req *aiplatformpb.CreatePipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	token := strings.TrimPrefix(md.Get("authorization")[0], "Bearer ")
	s.seen = append(s.seen, token)
	if token != s.good {
		return nil, status.Error(codes.Unauthenticated, "not this one")
	}
	return &aiplatformpb.PipelineJob{Name: req.GetPipelineJobId()}, nil
}

// A token that is not taken any more is replaced once; where the new one is not taken
// either, that is told.
func TestALastingSessionGetsAFreshToken(t *testing.T) {
	t.Parallel()
	service := &expiring{good: "token-2"}
	w := newWorld(t, &service.fakeService)
	w.defaults.VertexEndpoint = serve(t, service)
	found := 0
	w.credentials = func(context.Context, string) (*google.Credentials, error) {
		found++
		token := &oauth2.Token{AccessToken: "token-" + string(rune('0'+found))}
		return &google.Credentials{TokenSource: oauth2.StaticTokenSource(token)}, nil
	}
	s, err := w.openLasting(t.Context(), target{project: "p", location: "us-central1", endpoint: w.defaults.VertexEndpoint})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for range 2 {
		if _, err := s.CreatePipelineJob(t.Context(), &aiplatformpb.CreatePipelineJobRequest{}); err != nil {
			t.Errorf("got %v", err)
		}
	}
	service.mu.Lock()
	service.good = "none"
	service.mu.Unlock()
	if _, err := s.CreatePipelineJob(t.Context(), &aiplatformpb.CreatePipelineJobRequest{}); status.Code(err) != codes.Unauthenticated {
		t.Errorf("got %v, want the refusal", err)
	}
	if got := strings.Join(service.seen, " "); got != "token-1 token-2 token-2 token-2 token-3" {
		t.Errorf("the service saw %s", got)
	}
}

func TestLocalTime(t *testing.T) {
	t.Parallel()
	ahead := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", ahead.Format(http.TimeFormat))
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	w := newWorld(t, &fakeService{})
	w.http = server.Client()
	if got := w.localTime(t.Context(), server.URL)(); !got.Equal(ahead) {
		t.Errorf("got %v, want %v", got, ahead)
	}
	if got := w.localTime(t.Context(), "http://127.0.0.1:1")(); !got.Equal(w.now()) {
		t.Errorf("without an answer: got %v, want the machine's", got)
	}
}

// Without credentials that give a token it is not ready.
func TestHaveToken(t *testing.T) {
	t.Parallel()
	good := &google.Credentials{TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x"})}
	if err := haveToken(t.Context(), good); err != nil {
		t.Errorf("got %v", err)
	}
	if err := haveToken(t.Context(), &google.Credentials{TokenSource: failing{}}); err == nil || !strings.Contains(err.Error(), "getting an access token: none") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	hangs := make(hanging)
	defer close(hangs)
	if err := haveToken(ctx, &google.Credentials{TokenSource: hangs}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Token() (*oauth2.Token, error) { return nil, errors.New("none") }

type hanging chan struct{}

func (h hanging) Token() (*oauth2.Token, error) { <-h; return nil, errors.New("late") }

func FuzzShellWord(f *testing.F) {
	for _, seed := range []string{"", "a b", "it's", "$x", "http://127.0.0.1:1/a?b&c", "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		word := shellWord(text)
		if word != text && word != shellQuote(text) {
			t.Errorf("%q became %q", text, word)
		}
		if word == text && (text == "" || bytes.ContainsAny([]byte(text), " \t\n'\"\\$`&|;<>()*?[]#~!{}")) {
			t.Errorf("%q is not quoted", text)
		}
	})
}
