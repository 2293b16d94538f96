package cronjobs

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"

	"github.com/authcall/authcall/internal/backoff"
)

// Runner makes attempts and looks how they went. *Client is one.
type Runner interface {
	Get(ctx context.Context, name string) (*schedulerpb.Job, error)
	Run(ctx context.Context, name string) (*schedulerpb.Job, error)
}

// ErrUnderWay says that an attempt was not over in time.
var ErrUnderWay = errors.New("the attempt is not over")

// RunNow makes an attempt and waits until it is over, for as long as the timeout
// is; 0 does not wait. It returns the job as last seen.
func RunNow(ctx context.Context, r Runner, name string, timeout time.Duration) (*schedulerpb.Job, error) {
	before, err := r.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	job, err := r.Run(ctx, name)
	if err != nil || timeout <= 0 {
		return job, err
	}
	const base, longest = 200 * time.Millisecond, 3 * time.Second
	waits := backoff.Policy{Base: base, Max: longest}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		if job, err = r.Get(ctx, name); err != nil || isOver(job, before) {
			return job, err
		}
		if !waits.Wait(limited, waits.Delay(attempt, nil)) {
			if ctx.Err() != nil {
				return job, context.Cause(ctx)
			}
			return job, ErrUnderWay
		}
	}
}

// isOver tells whether a job shows the outcome of another attempt than before.
func isOver(job, before *schedulerpb.Job) bool {
	return job.GetStatus() != nil && !job.GetLastAttemptTime().AsTime().Equal(before.GetLastAttemptTime().AsTime())
}
