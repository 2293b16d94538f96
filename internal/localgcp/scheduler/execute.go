package scheduler

import (
	"context"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/genproto/googleapis/rpc/code"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// execution is one run of a job: an attempt, and others where that fails.
type execution struct {
	// scheduled is the time that it is for.
	scheduled time.Time
	// until is when the next one begins, which ends the retries of this one; it is
	// zero for one that was asked for, which does not touch the schedule.
	until time.Time
}

func (e execution) onTime() bool { return !e.until.IsZero() }

// execute makes the attempts. The context ends the waiting between them, not the
// attempt under way, whose request has been sent.
func (s *Service) execute(ctx context.Context, r *record, e execution) {
	first := s.clock.Now()
	for retries := 0; ctx.Err() == nil; retries++ {
		job := s.alter(r, func(job *schedulerpb.Job) { // without a status until it is over
			job.LastAttemptTime, job.Status = timestamppb.New(s.clock.Now()), nil
		})
		outcome := s.attempt(job, e, retries+1)
		if s.background.Err() != nil { // cut off, which is no outcome
			return
		}
		job = s.alter(r, func(job *schedulerpb.Job) { job.Status = outcome })
		if outcome.GetCode() == int32(code.Code_OK) {
			return
		}
		s.log.Warn().Str("job", job.GetName()).Str("status", code.Code(outcome.GetCode()).String()).Str("cause", outcome.GetMessage()).
			Int("attempt", retries+1).Msg("a job of Cloud Scheduler failed")
		at, again := retryAt(job.GetRetryConfig(), retries, first, s.clock.Now())
		if !again || e.onTime() && !at.Before(e.until) || s.rest(ctx, r, e, at) != nil {
			return
		}
	}
}

// rest waits for a retry, which the job shows as its next time.
func (s *Service) rest(ctx context.Context, r *record, e execution, at time.Time) error {
	if e.onTime() {
		s.alter(r, func(job *schedulerpb.Job) {
			if ctx.Err() == nil {
				job.ScheduleTime, r.retryOf = timestamppb.New(at), e.scheduled
			}
		})
	}
	return s.clock.Wait(ctx, at)
}

// attempt calls the target once.
func (s *Service) attempt(job *schedulerpb.Job, e execution, number int) *rpcstatus.Status {
	switch target := job.GetTarget().(type) {
	case *schedulerpb.Job_HttpTarget:
		return outcomeOf(s.deliver.Deliver(s.background, s.agent, request(job, target.HttpTarget, e, number)))
	case *schedulerpb.Job_PubsubTarget:
		return s.publish(target.PubsubTarget)
	}
	return &rpcstatus.Status{Code: int32(code.Code_UNIMPLEMENTED), Message: "the target is not served by the local Google"}
}
