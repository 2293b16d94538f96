package pipelineservice

import (
	"cmp"
	"context"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/internal/pipelinespec"
)

// CreatePipelineJob checks a job as Vertex AI does and starts its run.
func (s *Service) CreatePipelineJob(ctx context.Context, req *aiplatformpb.CreatePipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	in, err := parseParent(req.GetParent())
	if err != nil {
		return nil, err
	}
	caller, err := s.authorize(ctx, permissionCreate, in)
	if err != nil {
		return nil, err
	}
	id, err := idOf(req)
	if err != nil {
		return nil, err
	}
	job := s.newJob(in.name(id), req.GetPipelineJob())
	spec, err := check(job)
	if err != nil {
		return nil, err
	}
	if err := s.mayActAs(caller, job.GetServiceAccount(), in); err != nil {
		return nil, err
	}
	return s.start(ctx, id, job, spec)
}

func idOf(req *aiplatformpb.CreatePipelineJobRequest) (string, error) {
	id := req.GetPipelineJobId()
	if id == "" {
		return "job-" + newNumber(), nil
	}
	if !isID(id) {
		return "", invalidf("pipeline_job_id", "want a lower-case letter, then at most 127 lower-case letters, digits or dashes, got %q", id)
	}
	return id, nil
}

// newJob copies what a caller may set and fills in what only the service may.
func (s *Service) newJob(name string, given *aiplatformpb.PipelineJob) *aiplatformpb.PipelineJob {
	job := &aiplatformpb.PipelineJob{}
	if given != nil {
		job = proto.CloneOf(given)
	}
	now := timestamppb.New(s.now())
	job.Name = name
	job.State = aiplatformpb.PipelineState_PIPELINE_STATE_PENDING
	job.CreateTime, job.UpdateTime, job.StartTime, job.EndTime = now, now, nil, nil
	job.JobDetail, job.Error, job.ScheduleName, job.TemplateMetadata = nil, nil, "", nil
	job.ServiceAccount = cmp.Or(job.GetServiceAccount(), s.defaultAccount)
	return job
}

// start keeps the job and runs it in the background, however long the caller
// stays.
func (s *Service) start(ctx context.Context, id string, job *aiplatformpb.PipelineJob, spec *pipelinespec.Spec) (*aiplatformpb.PipelineJob, error) {
	lasting, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	r := &record{job: job, stop: stop}
	if err := s.add(ctx, r); err != nil {
		stop(nil)
		return nil, err
	}
	run := Run{
		Job: localrun.Job{
			ID:         id,
			Spec:       spec,
			Parameters: parameterValues(job),
			Root:       job.GetRuntimeConfig().GetGcsOutputDirectory(),
			FailFast:   job.GetRuntimeConfig().GetFailurePolicy() == aiplatformpb.PipelineFailurePolicy_PIPELINE_FAILURE_POLICY_FAIL_FAST,
		},
		ServiceAccount: job.GetServiceAccount(),
	}
	created := r.snapshot()
	go func() {
		defer s.running.Done()
		defer stop(nil)
		s.run(lasting, r, run)
	}()
	return created, nil
}

func parameterValues(job *aiplatformpb.PipelineJob) map[string]any {
	values := map[string]any{}
	for name, value := range job.GetRuntimeConfig().GetParameterValues() {
		values[name] = value.AsInterface()
	}
	return values
}
