package pipelineservice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/authcall/authcall/internal/localrun"
)

// Run is one run of a pipeline.
type Run struct {
	// Job is what is run.
	Job localrun.Job
	// ServiceAccount is the email of the account that the steps run as.
	ServiceAccount string
	// Observer has to be told of every change of a task.
	Observer localrun.Observer
}

// Runner runs pipelines to their end. It returns the context's cause where that
// ended the run.
type Runner interface {
	Run(ctx context.Context, run Run) error
}

// run performs a run and keeps what becomes of it.
func (s *Service) run(ctx context.Context, r *record, run Run) {
	s.change(r, func(job *aiplatformpb.PipelineJob, now time.Time) {
		if job.GetState() == aiplatformpb.PipelineState_PIPELINE_STATE_PENDING { // not cancelled yet
			job.State = aiplatformpb.PipelineState_PIPELINE_STATE_RUNNING
		}
		job.StartTime = timestamppb.New(now)
	})
	run.Observer = observer{service: s, record: r}
	err := s.runner.Run(ctx, run)
	s.change(r, func(job *aiplatformpb.PipelineJob, now time.Time) {
		r.stop = nil
		conclude(job, err, now)
	})
	r.held.release()
}

// change alters a job and keeps it.
func (s *Service) change(r *record, alter func(job *aiplatformpb.PipelineJob, now time.Time)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := s.now()
	r.job.UpdateTime = timestamppb.New(now)
	alter(r.job, now)
	if err := s.store.save(r.job); err != nil { // the job goes on in memory all the same
		s.log.Error().Err(err).Msg("a pipeline job is not kept")
	}
}

// conclude gives a job its last state.
func conclude(job *aiplatformpb.PipelineJob, err error, now time.Time) {
	switch {
	case err == nil:
		finish(job, aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED, nil, now)
	case errors.Is(err, errCancelled), errors.Is(err, errStopped):
		finish(job, aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED, statusOf(codes.Canceled, err.Error()), now)
	default:
		finish(job, aiplatformpb.PipelineState_PIPELINE_STATE_FAILED, statusOf(codes.FailedPrecondition, failure(job, err)), now)
	}
}

// failure tells of the failed tasks as Vertex AI does; their own errors are in
// their details. What failed without a task is told itself.
func failure(job *aiplatformpb.PipelineJob, err error) string {
	var failed []string
	for _, t := range leafFailures(job.GetJobDetail().GetTaskDetails()) {
		failed = append(failed, t.GetTaskName())
	}
	if len(failed) == 0 {
		return err.Error()
	}
	return fmt.Sprintf("The DAG failed because some tasks failed. The failed tasks are: [%s].", strings.Join(failed, ", "))
}

// leafFailures are the failed tasks inside which no other failed.
func leafFailures(tasks []*aiplatformpb.PipelineTaskDetail) []*aiplatformpb.PipelineTaskDetail {
	const failed = aiplatformpb.PipelineTaskDetail_FAILED
	blamed := map[int64]bool{}
	for _, t := range tasks {
		if t.GetState() == failed {
			blamed[t.GetParentTaskId()] = true
		}
	}
	var leaves []*aiplatformpb.PipelineTaskDetail
	for _, t := range tasks {
		if t.GetState() == failed && t.GetParentTaskId() != 0 && !blamed[t.GetTaskId()] {
			leaves = append(leaves, t)
		}
	}
	return leaves
}

// abandon ends a job whose server is gone.
func abandon(job *aiplatformpb.PipelineJob, now time.Time) {
	const message = "The local service ended while the run was under way; nothing runs it any more."
	for _, t := range job.GetJobDetail().GetTaskDetails() {
		if t.GetEndTime() == nil {
			t.State, t.EndTime = aiplatformpb.PipelineTaskDetail_FAILED, timestamppb.New(now)
			t.Error = statusOf(codes.Aborted, message)
			remember(t, now)
		}
	}
	finish(job, aiplatformpb.PipelineState_PIPELINE_STATE_FAILED, statusOf(codes.Aborted, message), now)
}

// observer puts the changes of tasks into the job.
type observer struct {
	service *Service
	record  *record
}

func (o observer) TaskChanged(task localrun.Task) {
	o.service.change(o.record, func(job *aiplatformpb.PipelineJob, now time.Time) {
		if job.JobDetail == nil {
			job.JobDetail = &aiplatformpb.PipelineJobDetail{}
		}
		updateTask(job.GetJobDetail(), task, now)
	})
}
