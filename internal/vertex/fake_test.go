package vertex

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/googleapis/gax-go/v2"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const (
	testProject = "local-project"
	testAccount = "pipeline@local-project.iam.gserviceaccount.com"
	testParent  = "projects/local-project/locations/us-central1"
)

// testSpec is a Spec that takes whatever it is told to.
type testSpec struct {
	json     string
	checkErr error
}

func (s testSpec) JSON() ([]byte, error)                { return []byte(s.json), nil }
func (s testSpec) CheckParameters(map[string]any) error { return s.checkErr }

func validSubmission() Submission {
	return Submission{
		Project:        testProject,
		Location:       "us-central1",
		Spec:           testSpec{json: `{"pipelineInfo": {"name": "auth-pipeline-cloudrun"}, "schemaVersion": "2.1.0"}`},
		Parameters:     map[string]any{"url": "https://hello.example.com", "timeout_seconds": 300},
		PipelineRoot:   "gs://bucket/root",
		ServiceAccount: testAccount,
		JobID:          "job-1",
	}
}

// service is a pipeline service in memory whose answers are scripted: an error
// per call, taken in order, then success. It serves both as a gRPC server and,
// through inProcess, without a network.
type service struct {
	aiplatformpb.UnimplementedPipelineServiceServer

	mu         sync.Mutex
	createErrs []error
	loseAnswer bool  // the run is made, its maker is not told
	gets       []any // *aiplatformpb.PipelineJob or error; the last one stays
	jobs       map[string]*aiplatformpb.PipelineJob
	seen       []metadata.MD
	created    []*aiplatformpb.CreatePipelineJobRequest
}

func (s *service) CreatePipelineJob(ctx context.Context, req *aiplatformpb.CreatePipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	md, _ := metadata.FromIncomingContext(ctx)
	s.seen = append(s.seen, md)
	s.created = append(s.created, proto.CloneOf(req))
	if len(s.createErrs) > 0 {
		err := s.createErrs[0]
		s.createErrs = s.createErrs[1:]
		return nil, err
	}
	name := req.GetParent() + "/pipelineJobs/" + req.GetPipelineJobId()
	if s.jobs[name] != nil {
		return nil, status.Error(codes.AlreadyExists, "there is one")
	}
	job := req.GetPipelineJob()
	job.Name = name
	if s.jobs == nil {
		s.jobs = map[string]*aiplatformpb.PipelineJob{}
	}
	s.jobs[name] = job
	if s.loseAnswer {
		s.loseAnswer = false
		return nil, status.Error(codes.Unavailable, "connection reset")
	}
	return job, nil
}

func (s *service) GetPipelineJob(_ context.Context, req *aiplatformpb.GetPipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.gets) == 0 {
		if job := s.jobs[req.GetName()]; job != nil {
			return job, nil
		}
		return nil, status.Errorf(codes.NotFound, "no %s", req.GetName())
	}
	next := s.gets[0]
	if len(s.gets) > 1 {
		s.gets = s.gets[1:]
	}
	if err, ok := next.(error); ok {
		return nil, err
	}
	return next.(*aiplatformpb.PipelineJob), nil
}

// inProcess gives the service the shape of a client.
type inProcess struct{ *service }

func (p inProcess) CreatePipelineJob(ctx context.Context, req *aiplatformpb.CreatePipelineJobRequest, _ ...gax.CallOption) (*aiplatformpb.PipelineJob, error) {
	return p.service.CreatePipelineJob(ctx, req)
}

func (p inProcess) GetPipelineJob(ctx context.Context, req *aiplatformpb.GetPipelineJobRequest, _ ...gax.CallOption) (*aiplatformpb.PipelineJob, error) {
	return p.service.GetPipelineJob(ctx, req)
}

// serve runs the service on a loopback port until the test ends.
func serve(t *testing.T, s aiplatformpb.PipelineServiceServer) (address string) {
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

func staticCredentials(json string) *google.Credentials {
	return &google.Credentials{
		TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "secret-token"}),
		JSON:        []byte(json),
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
