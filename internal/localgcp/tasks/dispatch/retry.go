package dispatch

import (
	"math"
	"time"
)

// Unlimited as the number of attempts means that they do not count.
const Unlimited = -1

// Retry says how often, how long and in which intervals a task is tried.
type Retry struct {
	// Attempts is how many attempts a task gets, the first among them, or Unlimited.
	Attempts int
	// Duration is how long after its first attempt a task is tried; 0 means that
	// time does not count.
	Duration time.Duration
	// MinBackoff is the wait after the first failure, MaxBackoff the longest.
	MinBackoff, MaxBackoff time.Duration
	// Doublings is how many times the wait doubles before it grows evenly.
	Doublings int
}

// Backoff is the wait after so many failed attempts.
func (r Retry) Backoff(failed int) time.Duration {
	doubled := min(max(failed-1, 0), r.Doublings)
	wait := float64(r.MinBackoff) * math.Pow(2, float64(doubled))
	if after := failed - r.Doublings; after > 1 {
		wait *= float64(after)
	}
	return time.Duration(min(wait, float64(max(r.MaxBackoff, r.MinBackoff))))
}

// Exhausted says whether a task that has failed again is given up. Where both limits
// are set, both must be reached.
func (r Retry) Exhausted(attempts int, sinceFirst time.Duration) bool {
	if r.Attempts == Unlimited && r.Duration == 0 {
		return false
	}
	return (r.Attempts == Unlimited || attempts >= r.Attempts) && (r.Duration == 0 || sinceFirst >= r.Duration)
}
