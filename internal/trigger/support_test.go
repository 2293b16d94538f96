package trigger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	aiplatform "cloud.google.com/go/aiplatform/apiv1"
	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/rs/zerolog"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
	"github.com/authcall/authcall/internal/localgcp/pipelineservice"
	"github.com/authcall/authcall/internal/localgcp/rpc"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/trigger"
	"github.com/authcall/authcall/internal/trigger/config"
	"github.com/authcall/authcall/internal/vertex"
	"github.com/authcall/authcall/pipelines"
)

const (
	project  = "local-project"
	parent   = "projects/local-project/locations/us-central1"
	account  = "pipeline@local-project.iam.gserviceaccount.com"
	caller   = "sender@local-project.iam.gserviceaccount.com"
	stranger = "stranger@local-project.iam.gserviceaccount.com"
	receiver = "https://events.example.com"
	email    = "developer@example.com"
)

// head is the start of each test's configuration.
const head = `url: https://events.example.com
project: local-project
location: us-central1
pipeline_root: gs://local-bucket/runs
service_account: pipeline@local-project.iam.gserviceaccount.com
`

// plainRoute takes events of any client, and passes them on as they are.
const plainRoute = head + `routes:
  - path: /events
    from: http
    callers: [sender@local-project.iam.gserviceaccount.com]
    pipeline: cloudrun
    parameters: {url: '"https://x.example.com"', body: .text}
`

// world is a receiver before the local pipeline service, and who sends to it.
type world struct {
	t       testing.TB
	issuer  *issuer.Issuer
	service *service
	*trigger.Receiver
	handler http.Handler
	log     *syncBuffer
}

// newWorld makes a receiver with a configuration. Its runs end at once.
func newWorld(t testing.TB, text string, change ...func(*trigger.Options)) *world {
	t.Helper()
	w := &world{t: t, issuer: openIssuer(t, nil), log: &syncBuffer{}}
	keys := httptest.NewServer(w.issuer.Handler(func(string) bool { return false }))
	t.Cleanup(keys.Close)
	w.service = startService(t)
	o := trigger.Options{
		Config:  parse(t, text),
		Creator: w.service.client,
		Tokens:  gate.Policy{KeysURL: keys.URL + "/oauth2/v3/certs"},
		Log:     zerolog.New(w.log),
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if w.Receiver, err = trigger.New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.handler = w.Handler(true)
	return w
}

func parse(t testing.TB, text string) *config.Config {
	t.Helper()
	c, err := config.Parse(t.Context(), []byte(text), config.Options{Load: func(_ context.Context, name string) (*pipelinespec.Spec, error) {
		return pipelines.Builtin(name)
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keysDir holds the issuer's keys, which take long to make, for all tests.
var keysDir = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "trigger-keys-")
	if err != nil {
		return "", err
	}
	_, err = issuer.Open(dir, nil)
	return dir, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := keysDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

func openIssuer(t testing.TB, now func() time.Time) *issuer.Issuer {
	t.Helper()
	dir, err := keysDir()
	if err != nil {
		t.Fatal(err)
	}
	i, err := issuer.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// token is an ID token of the local Google.
func (w *world) token(who, audience string) string { return mint(w.t, w.issuer, who, audience) }

func mint(t testing.TB, i *issuer.Issuer, who, audience string) string {
	t.Helper()
	token, err := i.IDToken(issuer.IDToken{Subject: "1", Audience: audience, Email: who})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// request is a delivery; what is empty is as it should be.
type request struct {
	method, path, token, body string
	header                    map[string]string
	chunked                   bool
}

// http makes the request that a server would have read.
func (w *world) http(r request) *http.Request {
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.path == "" {
		r.path = "/events"
	}
	if r.token == "" {
		path, _, _ := strings.Cut(r.path, "?")
		r.token = "Bearer " + w.token(caller, receiver+path)
	}
	var body io.Reader = strings.NewReader(r.body)
	if r.chunked {
		body = struct{ io.Reader }{body}
	}
	h := httptest.NewRequestWithContext(w.t.Context(), r.method, r.path, body)
	if r.token != "none" {
		h.Header.Set("Authorization", r.token)
	}
	for name, value := range r.header {
		h.Header.Set(name, value)
	}
	return h
}

// answer is what the receiver says.
type answer struct {
	status     int
	header     http.Header
	text       string
	Job, State string
	Reason     string
	Error      struct {
		Code    int
		Message string
	}
}

// send delivers a request through the whole handler.
func (w *world) send(r request) answer {
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, w.http(r))
	return read(w.t, recorder.Code, recorder.Header(), recorder.Body.String())
}

func read(t testing.TB, status int, header http.Header, text string) answer {
	t.Helper()
	a := answer{status: status, header: header, text: text}
	if strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatalf("the answer %q is no JSON: %v", text, err)
		}
	}
	if status >= 400 && a.Error.Code != 0 && a.Error.Code != status {
		t.Errorf("the answer of status %d speaks of %d", status, a.Error.Code)
	}
	return a
}

// keyed is a delivery with the name k.
func keyed(k, body string) request {
	return request{header: map[string]string{"Idempotency-Key": k}, body: body}
}

// syncBuffer is a buffer that several may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// service is the local pipeline service over gRPC, with a runner that does nothing.
type service struct {
	client *aiplatform.PipelineClient

	mu sync.Mutex
	// as is who calls.
	as iam.Principal
	// before and after are asked of each attempt to make a job, by its number; an
	// error fails it, after it was made or before.
	before, after func(n int) error
	creates       int
	// down is asked of each attempt by the job's id; an error fails it.
	down func(id string) error
	// made are the ids of the jobs that the service has made, each as often as it was.
	made map[string]int
}

type nothing struct{}

func (nothing) Run(context.Context, pipelineservice.Run) error { return nil }

func startService(t testing.TB) *service {
	t.Helper()
	secret := sha256.Sum256([]byte(t.Name()))
	directory, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: account}},
		Users:    []string{email, "nobody@example.com"},
		Bindings: []iam.Binding{
			{Role: "roles/aiplatform.user", Members: []string{"user:" + email}, Resource: "projects/" + project},
			{Role: "roles/iam.serviceAccountUser", Members: []string{"user:" + email}, Resource: iam.AccountResource(project, account)},
		},
		Secret: secret[:],
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{made: map[string]int{}}
	s.as, _ = directory.Lookup(email)
	s.as.Scopes = []string{iam.CloudPlatform}
	jobs := pipelineservice.New(pipelineservice.Options{
		Dir: filepath.Join(t.TempDir(), "jobs"), Policy: directory, DefaultAccount: account, Runner: nothing{}, Log: zerolog.Nop(),
	})
	server := grpc.NewServer(grpc.UnaryInterceptor(s.intercept))
	aiplatformpb.RegisterPipelineServiceServer(server, jobs)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	s.client, err = vertex.NewClient(t.Context(), vertex.ClientOptions{
		Location: "us-central1", Endpoint: listener.Addr().String(),
		Credentials: &google.Credentials{TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.client.Close(); server.Stop(); <-done; jobs.Close() })
	return s
}

func (s *service) intercept(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	s.mu.Lock()
	ctx = rpc.WithCaller(ctx, s.as)
	n, before, after, down := 0, s.before, s.after, s.down
	asked, create := req.(*aiplatformpb.CreatePipelineJobRequest)
	if create {
		s.creates++
		n = s.creates
	}
	s.mu.Unlock()
	if create && down != nil {
		if err := down(asked.GetPipelineJobId()); err != nil {
			return nil, err
		}
	}
	if create && before != nil {
		if err := before(n); err != nil {
			return nil, err
		}
	}
	answer, err := next(ctx, req)
	if create && err == nil {
		s.mu.Lock()
		s.made[asked.GetPipelineJobId()]++
		s.mu.Unlock()
	}
	if create && after != nil && err == nil {
		err = after(n)
	}
	return answer, err
}

// jobs are those that there are.
func (s *service) jobs(t testing.TB) []*aiplatformpb.PipelineJob {
	t.Helper()
	var all []*aiplatformpb.PipelineJob
	list := s.client.ListPipelineJobs(t.Context(), &aiplatformpb.ListPipelineJobsRequest{Parent: parent, PageSize: 100})
	for {
		job, err := list.Next()
		if errors.Is(err, iterator.Done) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, job)
	}
}

// stateOf reads an answer's state, and the answer to its end.
func stateOf(got *http.Response) (string, error) {
	defer func() { _ = got.Body.Close() }()
	var a struct{ State string }
	err := json.NewDecoder(got.Body).Decode(&a)
	_, drained := io.Copy(io.Discard, got.Body)
	return a.State, errors.Join(err, drained)
}
