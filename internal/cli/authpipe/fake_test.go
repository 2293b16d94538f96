package authpipe

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"errors"
	"flag"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/authcall/authcall/internal/localgcp"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

const (
	testAccount = "pipeline@local-project.iam.gserviceaccount.com"
	testParent  = "projects/my-project/locations/us-central1"
)

// world is what a command of a test sees and leaves.
type world struct {
	*factory
	out, err bytes.Buffer
}

// newWorld is a world whose pipeline service is the fake one.
func newWorld(t *testing.T, service *fakeService) *world {
	t.Helper()
	w := &world{}
	w.factory = &factory{
		stdin:  strings.NewReader(""),
		stdout: &w.out,
		stderr: &w.err,
		defaults: defaults{
			Project: "my-project", Location: "us-central1", PipelineRoot: "gs://bucket/runs", ServiceAccount: testAccount,
			VertexEndpoint: serve(t, service),
		},
		now:   func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) },
		bound: context.WithTimeoutCause,
		credentials: func(context.Context, string) (*google.Credentials, error) {
			return &google.Credentials{
				TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "secret-token"}),
				JSON:        []byte(`{"account": "dev@example.com"}`),
			}, nil
		},
		connect: connect,
		http:    &http.Client{Transport: offline{}},
	}
	w.startLocal = startFake(&fakeLocal{endpoint: w.defaults.VertexEndpoint})
	return w
}

// offline is a network that reaches nothing.
type offline struct{}

func (offline) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("no network leads to " + r.URL.Host)
}

// run executes a command and returns its exit code.
func (w *world) run(ctx context.Context, args ...string) int { return execute(ctx, w.factory, args) }

// fakeService is a pipeline service whose runs go by script: each look at a run
// shows the next of its states, and the last one stays.
type fakeService struct {
	aiplatformpb.UnimplementedPipelineServiceServer
	// script is shown in turn, with the run's own name.
	script []*aiplatformpb.PipelineJob
	// refuse is the answer to every call, if any.
	refuse error

	mu        sync.Mutex
	looks     int
	created   []*aiplatformpb.CreatePipelineJobRequest
	listed    []*aiplatformpb.ListPipelineJobsRequest
	cancelled []string
	deleted   []string
	looked    chan struct{} // closed after the first look, where there is one
	shown     chan struct{} // closed by the look after the first, where there is one
}

// bound ends a wait once the first state was seen, however slow that is.
func (s *fakeService) bound(ctx context.Context, _ time.Duration, cause error) (context.Context, context.CancelFunc) {
	shown := make(chan struct{})
	s.mu.Lock()
	s.shown = shown
	s.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-shown:
			cancel(cause)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

func (s *fakeService) CreatePipelineJob(_ context.Context, req *aiplatformpb.CreatePipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.created = append(s.created, req)
	if s.refuse != nil {
		return nil, s.refuse
	}
	job := proto.CloneOf(req.GetPipelineJob())
	job.Name = req.GetParent() + "/pipelineJobs/" + req.GetPipelineJobId()
	job.State = aiplatformpb.PipelineState_PIPELINE_STATE_PENDING
	return job, nil
}

func (s *fakeService) GetPipelineJob(_ context.Context, req *aiplatformpb.GetPipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looks++; s.looks == 2 && s.shown != nil {
		close(s.shown)
	}
	if s.looked != nil {
		close(s.looked)
		s.looked = nil
	}
	if s.refuse != nil {
		return nil, s.refuse
	}
	job := proto.CloneOf(s.script[0])
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	job.Name = req.GetName()
	if len(s.cancelled) > 0 {
		job.State = aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED
	}
	return job, nil
}

func (s *fakeService) ListPipelineJobs(_ context.Context, req *aiplatformpb.ListPipelineJobsRequest) (*aiplatformpb.ListPipelineJobsResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listed = append(s.listed, req)
	return &aiplatformpb.ListPipelineJobsResponse{PipelineJobs: s.script}, s.refuse
}

func (s *fakeService) CancelPipelineJob(_ context.Context, req *aiplatformpb.CancelPipelineJobRequest) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancelled = append(s.cancelled, req.GetName())
	return &emptypb.Empty{}, s.refuse
}

func (s *fakeService) DeletePipelineJob(_ context.Context, req *aiplatformpb.DeletePipelineJobRequest) (*longrunningpb.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted = append(s.deleted, req.GetName())
	return &longrunningpb.Operation{Name: "operations/1", Done: true, Result: &longrunningpb.Operation_Response{Response: &anypb.Any{
		TypeUrl: "type.googleapis.com/google.protobuf.Empty",
	}}}, s.refuse
}

// serve runs the service on a loopback port until the test ends.
func serve(t *testing.T, s aiplatformpb.PipelineServiceServer) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	aiplatformpb.RegisterPipelineServiceServer(server, s)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-done })
	return listener.Addr().String()
}

// fakeLocal is a local Google that is nothing but the fake service.
type fakeLocal struct {
	endpoint string
	// buckets is the directory of the buckets, /state/gcs where it is empty.
	buckets string
	closed  bool
}

// startFake starts a local Google that is there already.
func startFake(l *fakeLocal) func(context.Context, localOptions) (localGoogle, error) {
	return func(context.Context, localOptions) (localGoogle, error) { return l, nil }
}

func (l *fakeLocal) VertexEndpoint() string           { return l.endpoint }
func (l *fakeLocal) SubmitterCredentialsFile() string { return "/submitter.json" }
func (l *fakeLocal) LocalPath(uri string) string {
	return filepath.Join(stdcmp.Or(l.buckets, "/state/gcs"), strings.TrimPrefix(uri, "gs://"))
}
func (l *fakeLocal) Env() []localgcp.EnvVar {
	return []localgcp.EnvVar{{Name: "A", Value: "b"}, {Name: "Q", Value: "it's $HOME"}}
}
func (l *fakeLocal) Example(string) map[string]string {
	return map[string]string{"url": "http://127.0.0.1:1/", "service_account": "caller@local-project.iam.gserviceaccount.com", "audience": "http://127.0.0.1:1"}
}
func (l *fakeLocal) Close() error { l.closed = true; return nil }

// jobs reads a script from testdata: a file with one job, as JSON, per state.
func jobs(t *testing.T, files ...string) []*aiplatformpb.PipelineJob {
	t.Helper()
	var all []*aiplatformpb.PipelineJob
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		job := new(aiplatformpb.PipelineJob)
		if err := protojson.Unmarshal(data, job); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, job)
	}
	return all
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
