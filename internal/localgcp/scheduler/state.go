package scheduler

import (
	"context"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// PauseJob ends the executions by the schedule until ResumeJob. One that is under
// way ends with its attempt.
func (s *Service) PauseJob(ctx context.Context, req *schedulerpb.PauseJobRequest) (*schedulerpb.Job, error) {
	return s.with(ctx, permissionPause, req.GetName(), func(r *record) error {
		return s.turn(r, schedulerpb.Job_ENABLED, schedulerpb.Job_PAUSED)
	})
}

// ResumeJob plans a paused job again, from now on: times that have passed are not
// made up for.
func (s *Service) ResumeJob(ctx context.Context, req *schedulerpb.ResumeJobRequest) (*schedulerpb.Job, error) {
	return s.with(ctx, permissionResume, req.GetName(), func(r *record) error {
		return s.turn(r, schedulerpb.Job_PAUSED, schedulerpb.Job_ENABLED)
	})
}

func (s *Service) turn(r *record, from, to schedulerpb.Job_State) error {
	if r.job.GetState() != from {
		return status.Errorf(codes.FailedPrecondition, "Job must be in state %s, it is in state %s.", from, r.job.GetState())
	}
	job := proto.CloneOf(r.job)
	job.State = to
	return s.replace(r, job, r.schedule)
}

// RunJob executes a job now, beside its schedule, even where it is paused or
// executed already.
func (s *Service) RunJob(ctx context.Context, req *schedulerpb.RunJobRequest) (*schedulerpb.Job, error) {
	return s.with(ctx, permissionRun, req.GetName(), func(r *record) error {
		if s.background.Err() != nil {
			return errGoingDown()
		}
		now := s.clock.Now()
		s.running.Go(func() { s.execute(r.life, r, execution{scheduled: now}) })
		return nil
	})
}
