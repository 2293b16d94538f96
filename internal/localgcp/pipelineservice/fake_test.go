package pipelineservice

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/rpc"
)

const (
	testParent  = "projects/local-project/locations/us-central1"
	testAccount = "pipeline@local-project.iam.gserviceaccount.com"
)

// directory knows the developer, who may do everything in the project and act
// as the pipeline account, and a stranger, who may nothing.
type directory struct{}

func (directory) Lookup(email string) (iam.Principal, bool) {
	p := iam.Principal{Kind: iam.ServiceAccount, Email: email, Project: "local-project"}
	return p, email == testAccount || email == "other@local-project.iam.gserviceaccount.com"
}

func (directory) Allowed(p iam.Principal, permission, resource string) bool {
	if p.Email != "developer@example.com" {
		return false
	}
	return permission == iam.ActAs && resource == iam.AccountResource("local-project", testAccount) ||
		permission != iam.ActAs && resource == "projects/local-project"
}

// runnerFunc is a Runner.
type runnerFunc func(context.Context, Run) error

func (f runnerFunc) Run(ctx context.Context, run Run) error { return f(ctx, run) }

// succeed is a runner whose runs succeed at once.
func succeed(context.Context, Run) error { return nil }

// untilCancelled is a runner whose runs go on until they are stopped.
func untilCancelled(ctx context.Context, _ Run) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// newService starts a service over a directory; the test's end closes it.
func newService(t *testing.T, dir string, runner runnerFunc) *Service {
	t.Helper()
	s := New(Options{
		Dir:            dir,
		Policy:         directory{},
		DefaultAccount: testAccount,
		Runner:         runner,
		Log:            zerolog.New(zerolog.NewTestWriter(t)),
	})
	t.Cleanup(s.Close)
	return s
}

// as is a context as that of a call by the person.
func as(t *testing.T, name string) context.Context {
	p := iam.Principal{Kind: iam.User, Email: name + "@example.com", Scopes: []string{iam.CloudPlatform}}
	return rpc.WithCaller(t.Context(), p)
}

// newRequest is a valid request for a job.
func newRequest(t *testing.T, id string) *aiplatformpb.CreatePipelineJobRequest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	spec := new(structpb.Struct)
	if err := protojson.Unmarshal(data, spec); err != nil {
		t.Fatal(err)
	}
	return &aiplatformpb.CreatePipelineJobRequest{
		Parent:        testParent,
		PipelineJobId: id,
		PipelineJob: &aiplatformpb.PipelineJob{
			DisplayName:    "a run",
			PipelineSpec:   spec,
			ServiceAccount: testAccount,
			Labels:         map[string]string{"team": "a"},
			RuntimeConfig: &aiplatformpb.PipelineJob_RuntimeConfig{
				GcsOutputDirectory: "gs://bucket/root",
				ParameterValues:    map[string]*structpb.Value{"url": structpb.NewStringValue("http://127.0.0.1/")},
			},
		},
	}
}

// create makes a job that has to be accepted.
func create(t *testing.T, s *Service, id string) *aiplatformpb.PipelineJob {
	t.Helper()
	job, err := s.CreatePipelineJob(as(t, "developer"), newRequest(t, id))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// get looks a job up.
func get(t *testing.T, s *Service, name string) *aiplatformpb.PipelineJob {
	t.Helper()
	job, err := s.GetPipelineJob(as(t, "developer"), &aiplatformpb.GetPipelineJobRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// waitFor polls for a job's end; a run has no other way to tell of it.
func waitFor(t *testing.T, s *Service, name string) *aiplatformpb.PipelineJob {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if job := get(t, s, name); ended(job.GetState()) {
			return job
		}
		select {
		case <-t.Context().Done():
			t.Fatal(errors.New("the job did not end"))
		case <-tick.C:
		}
	}
}
