package pipelineservice

import (
	"context"
	"errors"
	"sync"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Causes for which a run is stopped.
var (
	errCancelled = errors.New("the run was cancelled")
	errStopped   = errors.New("the local service was stopped while the run was under way")
)

// record is one job and the run behind it. Everything in it is read and written
// under its lock, and leaves it as a copy.
type record struct {
	mu  sync.Mutex
	job *aiplatformpb.PipelineJob
	// stop ends the run; nil where none is under way.
	stop context.CancelCauseFunc
}

func (r *record) snapshot() *aiplatformpb.PipelineJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	return proto.CloneOf(r.job)
}

// cancel begins to end the run, and tells whether there was one to end.
func (r *record) cancel(cause error, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop == nil {
		return false
	}
	if !ended(r.job.GetState()) {
		r.job.State = aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLING
		r.job.UpdateTime = timestamppb.New(now)
	}
	r.stop(cause)
	return true
}

// finish gives the job its last state. An error belongs to every state but
// success.
func finish(job *aiplatformpb.PipelineJob, state aiplatformpb.PipelineState, err *status.Status, now time.Time) {
	job.State, job.Error = state, err
	job.EndTime = timestamppb.New(now)
	job.UpdateTime = job.EndTime
}

func ended(state aiplatformpb.PipelineState) bool {
	switch state {
	case aiplatformpb.PipelineState_PIPELINE_STATE_SUCCEEDED,
		aiplatformpb.PipelineState_PIPELINE_STATE_FAILED,
		aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLED:
		return true
	default:
		return false
	}
}

func statusOf(code codes.Code, message string) *status.Status {
	return &status.Status{Code: int32(code), Message: message} //nolint:gosec // codes are 0 to 16
}
