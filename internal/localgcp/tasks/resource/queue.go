package resource

import (
	"math"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/localgcp/tasks/dispatch"
)

// What a queue is that says nothing else.
const (
	defaultRate       = 500
	defaultConcurrent = 1000
	defaultAttempts   = 100
	defaultDoublings  = 16
	defaultMinBackoff = 100 * time.Millisecond
	defaultMaxBackoff = time.Hour
)

// The most that a queue may want.
const (
	maxRate       = 500
	maxConcurrent = 5000
)

// CompleteQueue checks a queue and fills in what it leaves open.
func CompleteQueue(q *cloudtaskspb.Queue) error {
	if q.RateLimits == nil {
		q.RateLimits = &cloudtaskspb.RateLimits{}
	}
	if q.RetryConfig == nil {
		q.RetryConfig = &cloudtaskspb.RetryConfig{}
	}
	for _, err := range []error{completeRate(q.GetRateLimits()), completeRetry(q.GetRetryConfig()), checkTarget(q.GetHttpTarget())} {
		if err != nil {
			return err
		}
	}
	if ratio := q.GetStackdriverLoggingConfig().GetSamplingRatio(); ratio < 0 || ratio > 1 || math.IsNaN(ratio) {
		return invalid("StackdriverLoggingConfig.samplingRatio must be between 0.0 and 1.0.")
	}
	return nil
}

func completeRate(r *cloudtaskspb.RateLimits) error {
	switch rate, concurrent := r.GetMaxDispatchesPerSecond(), r.GetMaxConcurrentDispatches(); {
	case rate < 0 || math.IsNaN(rate):
		return invalid("RateLimits.maxDispatchesPerSecond cannot be negative.")
	case rate > maxRate:
		return invalid("RateLimits.maxDispatchesPerSecond must be less than or equal to 500.")
	case concurrent < 0:
		return invalid("RateLimits.maxConcurrentDispatches cannot be negative.")
	case concurrent > maxConcurrent:
		return invalid("RateLimits.maxConcurrentDispatches must be less than or equal to 5000.")
	}
	setDefault(&r.MaxDispatchesPerSecond, defaultRate)
	setDefault(&r.MaxConcurrentDispatches, defaultConcurrent)
	r.MaxBurstSize = burst(r.GetMaxDispatchesPerSecond())
	return nil
}

// burst is what Cloud Tasks is seen to choose: 100 for 500 a second, 10 for few.
func burst(rate float64) int32 {
	const least, seconds = 10, 0.2
	return int32(max(least, math.Ceil(rate*seconds)))
}

func completeRetry(r *cloudtaskspb.RetryConfig) error {
	for name, d := range map[string]*durationpb.Duration{
		"minBackoff": r.GetMinBackoff(), "maxBackoff": r.GetMaxBackoff(), "maxRetryDuration": r.GetMaxRetryDuration(),
	} {
		if d != nil && d.CheckValid() != nil {
			return invalid("RetryConfig.%s is not a valid duration.", name)
		}
		if d.AsDuration() < 0 {
			return invalid("RetryConfig.%s cannot be negative.", name)
		}
	}
	switch {
	case r.GetMaxAttempts() < dispatch.Unlimited:
		return invalid("RetryConfig.maxAttempts must be greater or equal to -1.")
	case r.GetMaxDoublings() < 0:
		return invalid("RetryConfig.maxDoublings cannot be negative.")
	}
	setDefault(&r.MaxAttempts, defaultAttempts)
	setDefault(&r.MaxDoublings, defaultDoublings)
	r.MinBackoff = orDefault(r.GetMinBackoff(), defaultMinBackoff)
	r.MaxBackoff = orDefault(r.GetMaxBackoff(), max(defaultMaxBackoff, r.GetMinBackoff().AsDuration()))
	if r.GetMinBackoff().AsDuration() > r.GetMaxBackoff().AsDuration() {
		return invalid("RetryConfig.minBackoff must be less than or equal to RetryConfig.maxBackoff.")
	}
	return nil
}

func setDefault[T comparable](field *T, value T) {
	var unset T
	if *field == unset {
		*field = value
	}
}

func orDefault(d *durationpb.Duration, value time.Duration) *durationpb.Duration {
	if d.AsDuration() == 0 {
		return durationpb.New(value)
	}
	return d
}

// Limits are those of a complete queue.
func Limits(q *cloudtaskspb.Queue) dispatch.Limits {
	r := q.GetRateLimits()
	return dispatch.Limits{
		Rate: r.GetMaxDispatchesPerSecond(), Burst: int(r.GetMaxBurstSize()), Concurrent: int(r.GetMaxConcurrentDispatches()),
	}
}

// Retry is how a task of the queue is tried again: as the task says, or the queue.
func Retry(q *cloudtaskspb.Queue, t *cloudtaskspb.Task) dispatch.Retry {
	r := q.GetRetryConfig()
	if own := t.GetRetryConfig(); own != nil {
		r = own
	}
	return dispatch.Retry{
		Attempts:   int(r.GetMaxAttempts()),
		Duration:   r.GetMaxRetryDuration().AsDuration(),
		MinBackoff: r.GetMinBackoff().AsDuration(),
		MaxBackoff: r.GetMaxBackoff().AsDuration(),
		Doublings:  int(r.GetMaxDoublings()),
	}
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}
