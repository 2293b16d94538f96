package dispatch

import "time"

const (
	// minPace is the slowest that a target makes its queue.
	minPace = 1.0 / 64
	// settle is how long a change of pace is given to act, for the answers of
	// requests that were under way say nothing about it.
	settle = time.Second
)

// throttle is the pace of a queue whose target answers that it is overloaded: half
// of what it was at a refusal, a quarter faster at a success, at most one change in
// a time.
type throttle struct {
	pace    float64 // 0 is the same as 1
	changed time.Time
}

func (t *throttle) refused(now time.Time) float64 {
	return t.change(max(minPace, t.current()/2), now)
}

func (t *throttle) succeeded(now time.Time) float64 {
	const faster = 1.25
	return t.change(min(1, t.current()*faster), now)
}

func (t *throttle) current() float64 {
	if t.pace == 0 {
		return 1
	}
	return t.pace
}

func (t *throttle) change(pace float64, now time.Time) float64 {
	if t.changed.IsZero() || now.Sub(t.changed) >= settle {
		t.pace, t.changed = pace, now
	}
	return t.current()
}
