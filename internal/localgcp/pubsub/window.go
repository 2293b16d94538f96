package pubsub

import "time"

// The least and the most of a push subscription's window, and of its pause.
const (
	firstWindow = 3
	maxWindow   = 100
	firstPause  = 100 * time.Millisecond
	maxPause    = time.Minute
)

// window is how fast a subscription pushes: how many requests may be under way,
// which grows with each success and halves with each failure, and where it has no
// retry policy a pause after failures, which doubles.
type window struct {
	size     int
	inFlight int
	failures int       // in a row
	pause    time.Time // nothing is pushed before
}

func newWindow() window { return window{size: firstWindow} }

// reset forgets what was learnt about another endpoint.
func (w *window) reset() { w.size, w.failures, w.pause = firstWindow, 0, time.Time{} }

// room is how many more requests may be made.
func (w *window) room(now time.Time) int {
	if now.Before(w.pause) {
		return 0
	}
	return max(w.size-w.inFlight, 0)
}

func (w *window) succeeded() {
	w.inFlight--
	w.size = min(w.size+1, maxWindow)
	w.failures, w.pause = 0, time.Time{}
}

func (w *window) failed(now time.Time, pauses bool) {
	w.inFlight--
	w.size = max(w.size/2, 1)
	w.failures++
	if !pauses {
		return
	}
	pause := firstPause
	for i := 1; i < w.failures && pause < maxPause; i++ {
		pause *= 2
	}
	w.pause = now.Add(min(pause, maxPause))
}
