package cronjobs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/robfig/cron/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/sender"
)

// Settings are changes to a job. What is nil stays as it is.
type Settings struct {
	// Call is what is sent.
	Call sender.Settings
	// Description is for people.
	Description *string
	// Schedule is in the format of cron, or an English one such as "every 5 minutes".
	Schedule *string
	// TimeZone is a name of the tz database.
	TimeZone *string
	// AttemptDeadline is how long the target may take to answer.
	AttemptDeadline *time.Duration
	// MaxRetries is how often a failed attempt is made again.
	MaxRetries *int32
	// MaxRetryDuration bounds the time of all attempts, 0 does not.
	MaxRetryDuration *time.Duration
	// MinBackoff and MaxBackoff bound the wait between attempts.
	MinBackoff, MaxBackoff *time.Duration
	// MaxDoublings is how often the wait doubles.
	MaxDoublings *int32
}

// Limits of Cloud Scheduler.
const (
	minDeadline = 15 * time.Second
	maxDeadline = 30 * time.Minute
	maxRetries  = 5
	// MaxSize is how large a job may be, in bytes; nearly all of it is the body.
	MaxSize = 1 << 20
)

// Apply returns the job with the changes, checked.
func (s Settings) Apply(to *schedulerpb.Job) (*schedulerpb.Job, error) {
	job := proto.CloneOf(to)
	call, err := s.Call.Apply(CallOf(job))
	if err != nil {
		return nil, err
	}
	put(job, call)
	text(&job.Description, s.Description)
	text(&job.Schedule, s.Schedule)
	text(&job.TimeZone, s.TimeZone)
	duration(&job.AttemptDeadline, s.AttemptDeadline)
	s.retry(job)
	return job, errors.Join(checkName(job.GetName()), checkSchedule(job.GetSchedule()), checkZone(job.GetTimeZone()), checkLimits(job))
}

func (s Settings) retry(job *schedulerpb.Job) {
	if s.MaxRetries == nil && s.MaxRetryDuration == nil && s.MinBackoff == nil && s.MaxBackoff == nil && s.MaxDoublings == nil {
		return
	}
	if job.RetryConfig == nil {
		job.RetryConfig = defaultRetry()
	}
	r := job.RetryConfig
	text(&r.RetryCount, s.MaxRetries)
	text(&r.MaxDoublings, s.MaxDoublings)
	duration(&r.MaxRetryDuration, s.MaxRetryDuration)
	duration(&r.MinBackoffDuration, s.MinBackoff)
	duration(&r.MaxBackoffDuration, s.MaxBackoff)
}

func text[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func duration(field **durationpb.Duration, value *time.Duration) {
	if value != nil {
		*field = durationpb.New(*value)
	}
}

var namePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^projects/[^/]+/locations/[^/]+/jobs/[a-zA-Z0-9_-]{1,500}$`)
})

func checkName(name string) error {
	if !namePattern().MatchString(name) {
		return fmt.Errorf("job: got %q, want 1 to 500 letters, digits, - and _", name[strings.LastIndexByte(name, '/')+1:])
	}
	return nil
}

// checkSchedule finds what is wrong with a schedule in the format of cron. The
// English one is Google's own; it judges that itself.
func checkSchedule(schedule string) error {
	switch fields := strings.Fields(strings.ToLower(schedule)); {
	case len(fields) == 0:
		return errors.New("the schedule is missing")
	case strings.HasPrefix(schedule, "@"), strings.HasPrefix(schedule, "TZ="), strings.HasPrefix(schedule, "CRON_TZ="):
		return fmt.Errorf("schedule %q: want five fields; the time zone is a setting of its own", schedule)
	case slices.Contains(fields, "every"), slices.Contains(fields, "of"):
		return nil
	}
	if _, err := cron.ParseStandard(schedule); err != nil {
		return fmt.Errorf("schedule %q: %w", schedule, err)
	}
	return nil
}

// checkZone looks the zone up where this machine knows any.
func checkZone(name string) error {
	if _, err := time.LoadLocation("Europe/Berlin"); name == "" || err != nil {
		return nil //nolint:nilerr // a machine without zones cannot judge
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return fmt.Errorf("time zone %q: want a name of the tz database, such as Europe/Berlin", name)
	}
	return nil
}

func checkLimits(job *schedulerpb.Job) error {
	var errs []error
	if d := job.GetAttemptDeadline(); d != nil && (d.AsDuration() < minDeadline || d.AsDuration() > maxDeadline) {
		errs = append(errs, fmt.Errorf("attempt deadline %s: want %s to %s", d.AsDuration(), minDeadline, maxDeadline))
	}
	r := job.GetRetryConfig()
	if n := r.GetRetryCount(); n < 0 || n > maxRetries {
		errs = append(errs, fmt.Errorf("retries: got %d, want 0 to %d", n, maxRetries))
	}
	if r.GetMaxDoublings() < 0 {
		errs = append(errs, fmt.Errorf("doublings: got %d, want none below 0", r.GetMaxDoublings()))
	}
	if low, high := r.GetMinBackoffDuration().AsDuration(), r.GetMaxBackoffDuration().AsDuration(); high > 0 && low > high {
		errs = append(errs, fmt.Errorf("backoff: the least wait, %s, is longer than the longest, %s", low, high))
	}
	if size := proto.Size(job); size > MaxSize {
		errs = append(errs, &SizeError{Size: size})
	}
	return errors.Join(errs...)
}

// SizeError is a job that is too large.
type SizeError struct{ Size int }

func (e *SizeError) Error() string {
	return fmt.Sprintf("the job is %d bytes with its body, and Cloud Scheduler takes %d", e.Size, MaxSize)
}
