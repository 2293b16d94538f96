package pipelineservice

import (
	"context"
	"errors"
	"sync"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Causes for which a run is stopped.
var (
	errCancelled = errors.New("the run was cancelled")
	errStopped   = errors.New("the local service was stopped while the run was under way")
)

// record is a job that this service runs or has run. Everything in it is read
// and written under its lock, and leaves it as a copy.
type record struct {
	mu  sync.Mutex
	job *aiplatformpb.PipelineJob
	// stop ends the run; nil where none is under way.
	stop context.CancelCauseFunc
	// held shows other services that the run is under way.
	held *lock
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
	r.job.State = aiplatformpb.PipelineState_PIPELINE_STATE_CANCELLING
	r.job.UpdateTime = timestamppb.New(now)
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

func (s *Service) record(name string) (*record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[name]
	return r, ok
}

// add makes the record of a new job, or refuses. On a busy machine callers may have
// given up by their turn; what they try again is not to wait for that.
func (s *Service) add(ctx context.Context, r *record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return grpcstatus.FromContextError(err).Err()
	}
	name := r.job.GetName()
	if s.closed {
		return grpcstatus.Error(codes.Unavailable, "The local service is stopping.")
	}
	held, err := s.store.lock(name)
	switch {
	case errors.Is(err, errLocked):
		return exists(name)
	case err != nil:
		return grpcstatus.Error(codes.Internal, err.Error())
	}
	if s.store.has(name) {
		held.release()
		return exists(name)
	}
	if err := s.store.save(r.job); err != nil {
		held.release()
		return grpcstatus.Error(codes.Internal, err.Error())
	}
	r.held = held
	s.records[name] = r
	s.running.Add(1)
	return nil
}

func exists(name string) error {
	return grpcstatus.Errorf(codes.AlreadyExists, "The PipelineJob already exists: %s.", name)
}

// forget removes jobs, none of which may be running.
func (s *Service) forget(names ...string) error {
	for _, name := range names {
		job, err := s.job(name)
		if err != nil {
			return err
		}
		if !ended(job.GetState()) {
			return grpcstatus.Errorf(codes.FailedPrecondition, "The PipelineJob %s is in state %s: cancel it first.", name, job.GetState())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if err := s.store.remove(name); err != nil {
			return grpcstatus.Error(codes.Internal, err.Error())
		}
		delete(s.records, name)
	}
	return nil
}
