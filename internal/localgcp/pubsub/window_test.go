package pubsub

import (
	"testing"
	"time"
)

func TestWindowsBounds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	w := newWindow()
	for range 200 {
		w.inFlight++
		w.succeeded()
	}
	if got := w.room(now); got != 100 {
		t.Errorf("got room for %d after many successes, want 100", got)
	}
	w.inFlight = 30
	for _, want := range []int{50 - 29, 25 - 28, 12 - 27} {
		w.failed(now, false)
		if got := w.room(now); got != max(want, 0) {
			t.Errorf("got room for %d, want %d", got, max(want, 0))
		}
	}
	for range 20 {
		w.failed(now, true)
	}
	w.inFlight = 0
	if got := w.room(now.Add(time.Minute - 1)); got != 0 {
		t.Errorf("got room for %d in the pause", got)
	}
	if got := w.room(now.Add(time.Minute)); got != 1 {
		t.Errorf("got room for %d after the longest pause, want 1", got)
	}
	w.reset()
	if got := w.room(now); got != 3 {
		t.Errorf("got room for %d with another endpoint, want 3", got)
	}
}
