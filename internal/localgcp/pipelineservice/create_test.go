package pipelineservice

import (
	"context"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
)

func TestCreateHandsTheJobToTheRunner(t *testing.T) {
	t.Parallel()
	runs := make(chan Run, 1)
	s := newService(t, t.TempDir(), func(_ context.Context, run Run) error {
		runs <- run
		return nil
	})
	req := newRequest(t, "job-1")
	req.PipelineJob.RuntimeConfig.FailurePolicy = aiplatformpb.PipelineFailurePolicy_PIPELINE_FAILURE_POLICY_FAIL_FAST
	job, err := s.CreatePipelineJob(as(t, "developer"), req)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := job.GetName(), testParent+"/pipelineJobs/job-1"; got != want {
		t.Errorf("name = %q, want %q", got, want)
	}
	if got := job.GetState(); got != aiplatformpb.PipelineState_PIPELINE_STATE_PENDING {
		t.Errorf("state = %v, want pending", got)
	}
	run := <-runs
	if run.ServiceAccount != testAccount || run.Job.ID != "job-1" || run.Job.Root != "gs://bucket/root" || !run.Job.FailFast {
		t.Errorf("run = %+v", run)
	}
	if diff := cmp.Diff(map[string]any{"url": "http://127.0.0.1/"}, run.Job.Parameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if run.Job.Spec.PipelineInfo.Name != "one-call" {
		t.Errorf("spec is of %q", run.Job.Spec.PipelineInfo.Name)
	}
}

func TestCreateSetsWhatCallersMayNot(t *testing.T) {
	t.Parallel()
	s := newService(t, t.TempDir(), untilCancelled)
	req := newRequest(t, "")
	req.PipelineJob.Name, req.PipelineJob.ScheduleName = "mine", "mine"
	req.PipelineJob.State = aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED
	req.PipelineJob.ServiceAccount = ""
	job, err := s.CreatePipelineJob(as(t, "developer"), req)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(job.GetName(), testParent+"/pipelineJobs/job-") || job.GetScheduleName() != "" {
		t.Errorf("name = %q, schedule = %q", job.GetName(), job.GetScheduleName())
	}
	if job.GetServiceAccount() != testAccount {
		t.Errorf("service account = %q, want the default %q", job.GetServiceAccount(), testAccount)
	}
	if ended(get(t, s, job.GetName()).GetState()) {
		t.Error("the run has ended before it began")
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	field := func(req *aiplatformpb.CreatePipelineJobRequest, path ...string) *structpb.Struct {
		s := req.GetPipelineJob().GetPipelineSpec()
		for _, key := range path {
			s = s.GetFields()[key].GetStructValue()
		}
		return s
	}
	cases := []struct {
		name    string
		change  func(*aiplatformpb.CreatePipelineJobRequest)
		want    codes.Code
		message string
	}{
		{name: "another form of parent", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.Parent = "projects/p" }, want: codes.InvalidArgument, message: "Invalid parent"},
		{name: "a parent that climbs", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.Parent = "projects/../locations/x" }, want: codes.InvalidArgument, message: "Invalid parent"},
		{name: "another project", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.Parent = "projects/p/locations/us-central1" }, want: codes.PermissionDenied, message: "aiplatform.pipelineJobs.create"},
		{name: "a bad id", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.PipelineJobId = "../x" }, want: codes.InvalidArgument, message: "pipeline_job_id"},
		{name: "no job", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.PipelineJob = nil }, want: codes.InvalidArgument, message: "pipeline_spec"},
		{name: "a template", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			r.PipelineJob.PipelineSpec, r.PipelineJob.TemplateUri = nil, "https://example.com/t"
		}, want: codes.InvalidArgument, message: "templates are not fetched"},
		{name: "a long name", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.PipelineJob.DisplayName = strings.Repeat("n", 129) }, want: codes.InvalidArgument, message: "display_name"},
		{name: "no root", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.PipelineJob.RuntimeConfig = nil }, want: codes.InvalidArgument, message: "gcs_output_directory"},
		{name: "parameters in the old field", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			r.PipelineJob.RuntimeConfig.Parameters = map[string]*aiplatformpb.Value{"url": {}} //nolint:staticcheck // it is deprecated, and refused
		}, want: codes.InvalidArgument, message: "parameter_values"},
		{name: "a label in capitals", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.PipelineJob.Labels = map[string]string{"Team": "a"} }, want: codes.InvalidArgument, message: "labels"},
		{name: "an account that is no email", change: func(r *aiplatformpb.CreatePipelineJobRequest) { r.PipelineJob.ServiceAccount = "pipeline" }, want: codes.InvalidArgument, message: "service_account"},
		{name: "an account that one may not act as", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			r.PipelineJob.ServiceAccount = "other@local-project.iam.gserviceaccount.com"
		}, want: codes.InvalidArgument, message: "You do not have permission to act as service_account: other@local-project.iam.gserviceaccount.com. (or it may not exist)."},
		{name: "an account that is not there", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			r.PipelineJob.ServiceAccount = "none@local-project.iam.gserviceaccount.com"
		}, want: codes.InvalidArgument, message: "You do not have permission to act as service_account: none@local-project.iam.gserviceaccount.com. (or it may not exist)."},
		{name: "an unknown field of the spec", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			field(r).Fields["nope"] = structpb.NewBoolValue(true)
		}, want: codes.InvalidArgument, message: "nope"},
		{name: "a spec whose task has no component", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			delete(field(r, "components").Fields, "comp-call")
		}, want: codes.InvalidArgument, message: "comp-call"},
		{name: "an unknown parameter", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			r.PipelineJob.RuntimeConfig.ParameterValues["nope"] = structpb.NewBoolValue(true)
		}, want: codes.InvalidArgument, message: `parameter "nope"`},
		{name: "a parameter of the wrong type", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			r.PipelineJob.RuntimeConfig.ParameterValues["timeout_seconds"] = structpb.NewStringValue("300")
		}, want: codes.InvalidArgument, message: `parameter "timeout_seconds": got the string "300", want NUMBER_INTEGER`},
		{name: "a parameter that is missing", change: func(r *aiplatformpb.CreatePipelineJobRequest) {
			delete(r.PipelineJob.RuntimeConfig.ParameterValues, "url")
		}, want: codes.InvalidArgument, message: `parameter "url"`},
	}
	s := newService(t, t.TempDir(), succeed)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req := newRequest(t, "refused")
			c.change(req)
			_, err := s.CreatePipelineJob(as(t, "developer"), req)
			if got := status.Convert(err); got.Code() != c.want || !strings.Contains(got.Message(), c.message) || strings.Contains(got.Message(), "\n") {
				t.Errorf("error = %v %q, want %v with %q on one line", got.Code(), got.Message(), c.want, c.message)
			}
		})
	}
}

func TestCreateRefusesASecondJobOfAnID(t *testing.T) {
	t.Parallel()
	s := newService(t, t.TempDir(), succeed)
	create(t, s, "twice")
	_, err := s.CreatePipelineJob(as(t, "developer"), newRequest(t, "twice"))
	if status.Code(err) != codes.AlreadyExists {
		t.Errorf("error = %v, want AlreadyExists", err)
	}
}

func TestCreateMakesNothingForACallerWhoHasGone(t *testing.T) {
	t.Parallel()
	s := newService(t, t.TempDir(), succeed)
	ctx, cancel := context.WithCancel(as(t, "developer"))
	cancel()
	if _, err := s.CreatePipelineJob(ctx, newRequest(t, "late")); status.Code(err) != codes.Canceled {
		t.Errorf("error = %v, want Canceled", err)
	}
	create(t, s, "late") // there is none yet
}

func TestCreateRefusesWhileStopping(t *testing.T) {
	t.Parallel()
	s := newService(t, t.TempDir(), succeed)
	s.Close()
	_, err := s.CreatePipelineJob(as(t, "developer"), newRequest(t, "late"))
	if status.Code(err) != codes.Unavailable {
		t.Errorf("error = %v, want Unavailable", err)
	}
}

func TestWhoMayGet(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		ctx    context.Context
		want   codes.Code
		reason string
	}{
		{"nobody", t.Context(), codes.PermissionDenied, "IAM_PERMISSION_DENIED"},
		{"somebody else", as(t, "stranger"), codes.PermissionDenied, "IAM_PERMISSION_DENIED"},
		{"the developer", as(t, "developer"), codes.NotFound, ""},
	}
	s := newService(t, t.TempDir(), succeed)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := s.GetPipelineJob(c.ctx, &aiplatformpb.GetPipelineJobRequest{Name: testParent + "/pipelineJobs/none"})
			got := status.Convert(err)
			if got.Code() != c.want {
				t.Fatalf("error = %v, want %v", err, c.want)
			}
			reason := ""
			if i := slices.IndexFunc(got.Details(), func(d any) bool { _, ok := d.(*errdetails.ErrorInfo); return ok }); i >= 0 {
				reason = got.Details()[i].(*errdetails.ErrorInfo).GetReason()
			}
			if reason != c.reason {
				t.Errorf("reason = %q, want %q", reason, c.reason)
			}
		})
	}
}
