package localgcp

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	aiplatform "cloud.google.com/go/aiplatform/apiv1"
	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localrun"
)

const parent = "projects/local-project/locations/us-central1"

// oneStep is a pipeline of one step that has neither inputs nor outputs.
const oneStep = `{
  "schemaVersion": "2.1.0",
  "pipelineInfo": {"name": "probe"},
  "root": {"dag": {"tasks": {"probe": {"taskInfo": {"name": "probe"}, "componentRef": {"name": "comp-probe"}}}}},
  "components": {"comp-probe": {"executorLabel": "exec-probe"}},
  "deploymentSpec": {"executors": {"exec-probe": {"container": {"image": "probe", "command": ["probe"], "args": ["{{$.pipeline_service_account}}"]}}}}
}`

// launcher stands for the images: it hands each step to the test.
type launcher func(ctx context.Context, s localrun.Step) error

func (l launcher) Launch(ctx context.Context, s localrun.Step) error { return l(ctx, s) }

func (launcher) StepPath(_, _, local string) string { return local }

// pipelineClient is Google's own client, as the principal.
func pipelineClient(t testing.TB, s *Server, email string) *aiplatform.PipelineClient {
	t.Helper()
	p, err := s.principal(email)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := s.directory.AccessToken(p, []string{iam.CloudPlatform}, developerTokenLife)
	if err != nil {
		t.Fatal(err)
	}
	bearer := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token), method, req, reply, cc, opts...)
	}
	client, err := aiplatform.NewPipelineClient(t.Context(),
		option.WithEndpoint(s.VertexEndpoint()), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithUnaryInterceptor(bearer)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func submit(t testing.TB, client *aiplatform.PipelineClient, id, account string) (*aiplatformpb.PipelineJob, error) {
	t.Helper()
	spec := &structpb.Struct{}
	if err := protojson.Unmarshal([]byte(oneStep), spec); err != nil {
		t.Fatal(err)
	}
	return client.CreatePipelineJob(t.Context(), &aiplatformpb.CreatePipelineJobRequest{
		Parent:        parent,
		PipelineJobId: id,
		PipelineJob: &aiplatformpb.PipelineJob{
			PipelineSpec:   spec,
			ServiceAccount: account,
			RuntimeConfig:  &aiplatformpb.PipelineJob_RuntimeConfig{GcsOutputDirectory: "gs://bucket/root"},
		},
	})
}

// ended waits until the job has ended.
func ended(t testing.TB, client *aiplatform.PipelineClient, name string) *aiplatformpb.PipelineJob {
	t.Helper()
	for {
		job, err := client.GetPipelineJob(t.Context(), &aiplatformpb.GetPipelineJobRequest{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if job.GetEndTime() != nil {
			return job
		}
	}
}

func TestPipelineRunsAsItsServiceAccount(t *testing.T) {
	t.Parallel()
	steps := make(chan localrun.Step, 1)
	s := start(t, Options{Launcher: launcher(func(_ context.Context, step localrun.Step) error {
		steps <- step
		return nil
	})})
	client := pipelineClient(t, s, "developer@example.com")
	job, err := submit(t, client, "job-1", pipelineAccount)
	if err != nil {
		t.Fatal(err)
	}
	step := <-steps
	env, err := s.StepEnv(pipelineAccount)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range env {
		if !slices.Contains(step.Env, v) {
			t.Errorf("the step's environment %q lacks %s", step.Env, v)
		}
	}
	if !slices.Equal(step.Args, []string{pipelineAccount}) {
		t.Errorf("got arguments %q, want the service account in the placeholder's place", step.Args)
	}
	if got := ended(t, client, job.GetName()).GetState(); got != aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED {
		t.Errorf("got %s, want success", got)
	}
}

func TestPipelineServiceOverREST(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Launcher: launcher(func(context.Context, localrun.Step) error { return nil })})
	job, err := submit(t, pipelineClient(t, s, "developer@example.com"), "job-1", pipelineAccount)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.principal("developer@example.com")
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := s.directory.AccessToken(p, []string{iam.CloudPlatform}, developerTokenLife)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"/v1/", "/v1beta1/"} {
		code, body := fetch(t, http.MethodGet, s.apiURL+version+job.GetName(), "", http.Header{"Authorization": {"Bearer " + token}})
		var got struct{ Name string }
		if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusOK || got.Name != job.GetName() {
			t.Errorf("%s: got %d %s, want %s", version, code, body, job.GetName())
		}
	}
}

func TestWhoMaySubmit(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Launcher: launcher(func(context.Context, localrun.Step) error { return nil })})
	tests := []struct {
		name, who, account string
		want               codes.Code
	}{
		{"the developer", "developer@example.com", pipelineAccount, codes.OK},
		{"the developer, as the default account", "developer@example.com", "", codes.OK},
		{"a step", pipelineAccount, pipelineAccount, codes.OK},
		{"a step, as an account that needs another permission", pipelineAccount, callerAccount, codes.InvalidArgument},
		{"the developer, as a missing account", "developer@example.com", "gone@local-project.iam.gserviceaccount.com", codes.InvalidArgument},
		{"the caller", callerAccount, pipelineAccount, codes.PermissionDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := pipelineClient(t, s, tt.who)
			job, err := submit(t, client, "", tt.account)
			if got := status.Code(err); got != tt.want {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if err == nil {
				ended(t, client, job.GetName())
			}
		})
	}
}

func TestCloseCancelsWhatRuns(t *testing.T) {
	t.Parallel()
	o := Options{StateDir: t.TempDir()}
	running := make(chan struct{})
	o.Launcher = launcher(func(ctx context.Context, _ localrun.Step) error {
		close(running)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	first, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	job, err := submit(t, pipelineClient(t, first, "developer@example.com"), "job-1", pipelineAccount)
	if err != nil {
		t.Fatal(err)
	}
	<-running
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, o)
	got := ended(t, pipelineClient(t, second, "developer@example.com"), job.GetName())
	if got.GetState() != aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED {
		t.Errorf("got %s, want cancelled", got.GetState())
	}
}
