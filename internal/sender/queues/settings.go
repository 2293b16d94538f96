package queues

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/sender"
)

// Settings are changes to a queue. What is nil stays as it is.
type Settings struct {
	// MaxDispatchesPerSecond bounds how many tasks go out.
	MaxDispatchesPerSecond *float64
	// MaxConcurrentDispatches bounds how many are under way at once.
	MaxConcurrentDispatches *int32
	// MaxAttempts is how often a task is tried, the first time included; -1 means
	// without end.
	MaxAttempts *int32
	// MaxRetryDuration bounds the time of all attempts, 0 does not.
	MaxRetryDuration *time.Duration
	// MinBackoff and MaxBackoff bound the wait between attempts.
	MinBackoff, MaxBackoff *time.Duration
	// MaxDoublings is how often the wait doubles.
	MaxDoublings *int32
}

// Limits of Cloud Tasks.
const (
	maxRate       = 500
	maxConcurrent = 5000
)

// Apply returns the queue with the changes, checked.
func (s Settings) Apply(to *cloudtaskspb.Queue) (*cloudtaskspb.Queue, error) {
	queue := proto.CloneOf(to)
	if s.MaxDispatchesPerSecond != nil || s.MaxConcurrentDispatches != nil {
		limits := &cloudtaskspb.RateLimits{}
		proto.Merge(limits, queue.GetRateLimits())
		put(&limits.MaxDispatchesPerSecond, s.MaxDispatchesPerSecond)
		put(&limits.MaxConcurrentDispatches, s.MaxConcurrentDispatches)
		queue.RateLimits = limits
	}
	s.retry(queue)
	return queue, errors.Join(checkName(queue.GetName()), checkLimits(queue))
}

func (s Settings) retry(queue *cloudtaskspb.Queue) {
	if s.MaxAttempts == nil && s.MaxRetryDuration == nil && s.MinBackoff == nil && s.MaxBackoff == nil && s.MaxDoublings == nil {
		return
	}
	r := &cloudtaskspb.RetryConfig{}
	proto.Merge(r, queue.GetRetryConfig())
	put(&r.MaxAttempts, s.MaxAttempts)
	put(&r.MaxDoublings, s.MaxDoublings)
	putDuration(&r.MaxRetryDuration, s.MaxRetryDuration)
	putDuration(&r.MinBackoff, s.MinBackoff)
	putDuration(&r.MaxBackoff, s.MaxBackoff)
	queue.RetryConfig = r
}

func put[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func putDuration(field **durationpb.Duration, value *time.Duration) {
	if value != nil {
		*field = durationpb.New(*value)
	}
}

var namePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^projects/[^/]+/locations/[^/]+/queues/[a-zA-Z0-9-]{1,100}$`)
})

func checkName(name string) error {
	if !namePattern().MatchString(name) {
		return fmt.Errorf("queue: got %q, want 1 to 100 letters, digits and -", sender.ID(name))
	}
	return nil
}

func checkLimits(queue *cloudtaskspb.Queue) error {
	var errs []error
	if rate := queue.GetRateLimits().GetMaxDispatchesPerSecond(); rate < 0 || rate > maxRate {
		errs = append(errs, fmt.Errorf("dispatches a second: got %g, want more than 0 and at most %d", rate, maxRate))
	}
	if n := queue.GetRateLimits().GetMaxConcurrentDispatches(); n < 0 || n > maxConcurrent {
		errs = append(errs, fmt.Errorf("concurrent dispatches: got %d, want 1 to %d", n, maxConcurrent))
	}
	r := queue.GetRetryConfig()
	if n := r.GetMaxAttempts(); n < -1 {
		errs = append(errs, fmt.Errorf("attempts: got %d, want 1 or more, or -1 for without end", n))
	}
	if r.GetMaxDoublings() < 0 {
		errs = append(errs, fmt.Errorf("doublings: got %d, want none below 0", r.GetMaxDoublings()))
	}
	if low, high := r.GetMinBackoff().AsDuration(), r.GetMaxBackoff().AsDuration(); high > 0 && low > high {
		errs = append(errs, fmt.Errorf("backoff: the least wait, %s, is longer than the longest, %s", low, high))
	}
	return errors.Join(errs...)
}

// Kind compares queues.
func Kind() sender.Kind[*cloudtaskspb.Queue] {
	const deep = 8
	return sender.Kind[*cloudtaskspb.Queue]{Noun: "queue", Normal: normal, MaskDepth: deep}
}

// normal fills in what Cloud Tasks takes for granted, and takes away what no
// Settings set.
func normal(queue *cloudtaskspb.Queue) {
	queue.AppEngineRoutingOverride, queue.HttpTarget, queue.StackdriverLoggingConfig = nil, nil, nil
	queue.State, queue.PurgeTime = 0, nil
	const rate, concurrent, attempts, doublings = 500, 1000, 100, 16
	limits := &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: rate, MaxConcurrentDispatches: concurrent}
	proto.Merge(limits, queue.GetRateLimits())
	limits.MaxBurstSize = 0
	queue.RateLimits = limits
	const least, longest = 100 * time.Millisecond, time.Hour
	r := &cloudtaskspb.RetryConfig{MaxAttempts: attempts, MaxDoublings: doublings}
	proto.Merge(r, queue.GetRetryConfig())
	if r.GetMinBackoff() == nil {
		r.MinBackoff = durationpb.New(least)
	}
	if r.GetMaxBackoff() == nil {
		r.MaxBackoff = durationpb.New(longest)
	}
	if r.GetMaxRetryDuration().AsDuration() == 0 {
		r.MaxRetryDuration = nil
	}
	queue.RetryConfig = r
}
