package scheduler

import (
	"fmt"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/rpc"
	"github.com/authcall/authcall/internal/localgcp/scheduler/cron"
)

// Limits of Cloud Scheduler.
const (
	maxDescription = 500     // characters
	maxJob         = 1 << 20 // bytes
	maxRetryCount  = 5
	minDeadline    = 15 * time.Second
	maxDeadline    = 30 * time.Minute
	maxDoublings   = 16
)

// invalid refuses a field.
func invalid(field, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return rpc.WithReason(codes.InvalidArgument, message, &errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: field, Description: message}},
	})
}

// check refuses a job that Cloud Scheduler would, and returns its schedule.
func check(job *schedulerpb.Job) (*cron.Schedule, error) {
	if utf8.RuneCountInString(job.GetDescription()) > maxDescription {
		return nil, invalid("job.description", "The description must not be longer than %d characters.", maxDescription)
	}
	if size := proto.Size(job); size > maxJob {
		return nil, invalid("job", "The job is too large: %d bytes, at most %d are allowed.", size, maxJob)
	}
	schedule, err := cron.Parse(job.GetSchedule(), job.GetTimeZone())
	if err != nil {
		return nil, invalidSchedule(err)
	}
	if err := checkRetry(job.GetRetryConfig()); err != nil {
		return nil, err
	}
	if err := checkTarget(job); err != nil {
		return nil, err
	}
	return schedule, nil
}

// invalidSchedule says what Cloud Scheduler says; the cause, which that does not
// tell, is in the details.
func invalidSchedule(err error) error {
	return rpc.WithReason(codes.InvalidArgument, "Schedule or time zone is invalid.", &errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "job.schedule", Description: err.Error()}},
	})
}

func checkTarget(job *schedulerpb.Job) error {
	switch target := job.GetTarget().(type) {
	case *schedulerpb.Job_HttpTarget:
		if d := job.GetAttemptDeadline(); !between(d, minDeadline, maxDeadline) {
			return invalid("job.attempt_deadline", "The attempt deadline must be between %v and %v.", minDeadline, maxDeadline)
		}
		return checkHTTP(target.HttpTarget)
	case *schedulerpb.Job_PubsubTarget:
		return checkTopic(job.GetName(), target.PubsubTarget)
	case *schedulerpb.Job_AppEngineHttpTarget:
		return rpc.WithReason(codes.Unimplemented, "App Engine targets are not served by the local Google: use an HTTP or a Pub/Sub target.")
	}
	return invalid("job.target", "Exactly one target must be set: http_target or pubsub_target.")
}

func checkRetry(r *schedulerpb.RetryConfig) error {
	if n := r.GetRetryCount(); n < 0 || n > maxRetryCount {
		return invalid("job.retry_config.retry_count", "The retry count must be between 0 and %d.", maxRetryCount)
	}
	if n := r.GetMaxDoublings(); n < 0 || n > maxDoublings {
		return invalid("job.retry_config.max_doublings", "The number of doublings must be between 0 and %d.", maxDoublings)
	}
	for field, d := range map[string]*durationpb.Duration{
		"max_retry_duration": r.GetMaxRetryDuration(), "min_backoff_duration": r.GetMinBackoffDuration(), "max_backoff_duration": r.GetMaxBackoffDuration(),
	} {
		if !between(d, 0, maxBackoff) {
			return invalid("job.retry_config."+field, "The duration must be between 0s and %v.", maxBackoff)
		}
	}
	if r.GetMinBackoffDuration().AsDuration() > r.GetMaxBackoffDuration().AsDuration() {
		return invalid("job.retry_config.min_backoff_duration", "The minimum backoff must not be longer than the maximum backoff.")
	}
	return nil
}

// maxBackoff keeps durations in bounds.
const maxBackoff = 365 * 24 * time.Hour

func between(d *durationpb.Duration, low, high time.Duration) bool {
	return d.CheckValid() == nil && d.AsDuration() >= low && d.AsDuration() <= high
}
