package scheduler

import (
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
)

// retryAt is when to try again after so many retries, the first attempt having been
// at a time. Where the number of retries and their duration are both limited, both
// limits must be reached.
func retryAt(r *schedulerpb.RetryConfig, retries int, first, now time.Time) (at time.Time, again bool) {
	if r.GetRetryCount() == 0 {
		return time.Time{}, false
	}
	at = now.Add(backoff(r, retries))
	limit := r.GetMaxRetryDuration().AsDuration()
	inTime := limit > 0 && at.Sub(first) <= limit
	return at, retries < int(r.GetRetryCount()) || inTime
}

// backoff doubles from the minimum so many times, then goes up by the last step,
// to the maximum.
func backoff(r *schedulerpb.RetryConfig, retries int) time.Duration {
	longest := r.GetMaxBackoffDuration().AsDuration()
	doublings := int(r.GetMaxDoublings())
	wait := r.GetMinBackoffDuration().AsDuration()
	for range min(retries, doublings) {
		if wait *= 2; wait >= longest {
			return longest
		}
	}
	step := wait
	for range max(retries-doublings, 0) {
		if wait += step; wait >= longest || step == 0 {
			return longest
		}
	}
	return min(wait, longest)
}
