package localrun

import (
	"context"
	"errors"
	"time"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// retryBody tries another body again when it fails.
type retryBody struct {
	body
	policy pipelinespec.RetryPolicy
}

func (b retryBody) perform(ctx context.Context, u *unit) (Values, error) {
	u.retries = true
	for u.attempt = 0; ; u.attempt++ {
		outputs, err := b.body.perform(ctx, u)
		if err == nil || u.attempt >= b.policy.MaxRetryCount {
			return outputs, err
		}
		if waitErr := wait(ctx, backoff(b.policy, u.attempt)); waitErr != nil {
			return outputs, errors.Join(err, waitErr)
		}
	}
}

// backoff is the time before the retry after an attempt, which count from 0.
// KFP doubles where no factor is given, and never waits more than an hour.
func backoff(p pipelinespec.RetryPolicy, attempt int) time.Duration {
	factor, most := p.BackoffFactor, time.Duration(p.BackoffMaxDuration)
	if factor == 0 {
		factor = 2
	}
	if most == 0 {
		most = time.Hour
	}
	delay := float64(p.BackoffDuration)
	for range attempt {
		delay = min(delay*factor, float64(most))
	}
	return min(time.Duration(delay), most)
}

// wait sleeps for d, or until the context ends, whose cause it then returns.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
