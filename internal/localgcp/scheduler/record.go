package scheduler

import (
	"context"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/scheduler/cron"
)

// record is a job with what goes on for it. The service's lock guards it.
type record struct {
	kept

	schedule *cron.Schedule
	// life ends when the job is deleted, or the service closed.
	life context.Context //nolint:containedctx // it is the life of the job, which end ends
	end  context.CancelFunc
	// unplan ends the executions by the schedule as it is now.
	unplan context.CancelFunc
	// busy holds an entry while an execution by the schedule goes on: there are
	// never two.
	busy chan struct{}
}

func (s *Service) newRecord(job *schedulerpb.Job, schedule *cron.Schedule) *record {
	life, end := context.WithCancel(s.background)
	return &record{kept: kept{job: job}, schedule: schedule, life: life, end: end, unplan: func() {}, busy: make(chan struct{}, 1)}
}

// plan begins the executions by the schedule, in place of those planned before. It
// is called with the lock held, and so is what follows.
func (s *Service) plan(r *record) {
	r.unplan()
	if r.job.GetState() != schedulerpb.Job_ENABLED || s.background.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(r.life)
	r.unplan = cancel
	s.running.Go(func() { s.follow(ctx, r) })
}

// replace puts another job in the place of the record's, sets its next time by the
// schedule, and plans it; a paused job has none.
func (s *Service) replace(r *record, job *schedulerpb.Job, schedule *cron.Schedule) error {
	if s.background.Err() != nil {
		return errGoingDown()
	}
	job.ScheduleTime = nil
	if job.GetState() == schedulerpb.Job_ENABLED {
		job.ScheduleTime = timestamp(schedule.Next(s.clock.Now()))
	}
	if err := s.store.save(kept{job: job}); err != nil {
		return status.Errorf(codes.Internal, "The job is not kept: %v.", err)
	}
	r.kept, r.schedule = kept{job: job}, schedule
	s.jobs[job.GetName()] = r
	s.plan(r)
	return nil
}

func errGoingDown() error { return status.Error(codes.Unavailable, "The service is going down.") }

// alter changes a job that is still there, and keeps it.
func (s *Service) alter(r *record, change func(job *schedulerpb.Job)) *schedulerpb.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.life.Err() != nil {
		return proto.CloneOf(r.job)
	}
	change(r.job)
	if err := s.store.save(r.kept); err != nil { // the job goes on in memory all the same
		s.log.Error().Err(err).Str("job", r.job.GetName()).Msg("a job of Cloud Scheduler is not kept")
	}
	return proto.CloneOf(r.job)
}

// follow executes the job by its schedule until the plan is another.
func (s *Service) follow(ctx context.Context, r *record) {
	for {
		due, planned := s.due(ctx, r)
		if !planned || s.clock.Wait(ctx, due) != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case r.busy <- struct{}{}:
		}
		s.executeOnTime(ctx, r, due)
		<-r.busy
	}
}

func (s *Service) due(ctx context.Context, r *record) (due time.Time, planned bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil || r.job.GetScheduleTime() == nil {
		return time.Time{}, false
	}
	return r.job.GetScheduleTime().AsTime(), true
}

// executeOnTime makes up for all times that have passed with the one execution.
// A time that comes while it goes on is due right after it.
func (s *Service) executeOnTime(ctx context.Context, r *record, due time.Time) {
	s.mu.Lock()
	next := r.schedule.Next(s.clock.Now())
	if !r.retryOf.IsZero() { // a retry that a restart came before
		due = r.retryOf
	}
	s.mu.Unlock()
	s.execute(ctx, r, execution{scheduled: due, until: next})
	if ctx.Err() == nil {
		s.alter(r, func(job *schedulerpb.Job) {
			if ctx.Err() == nil { // nobody has planned anew since
				job.ScheduleTime, r.retryOf = timestamp(next), time.Time{}
			}
		})
	}
}
