package dispatch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/tasks/dispatch"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// takeAll takes what goes at a time.
func takeAll(q *dispatch.Queue, now time.Time) []string {
	var taken []string
	for {
		id, ok := q.Take(now)
		if !ok {
			return taken
		}
		taken = append(taken, id)
	}
}

func TestTasksGoByTheirTimesAndThenAsTheyCame(t *testing.T) {
	t.Parallel()
	q := dispatch.New(dispatch.Limits{Rate: 500, Burst: 100, Concurrent: 1000}, start)
	q.Put("late", start.Add(2*time.Second))
	q.Put("first", start)
	q.Put("second", start)
	q.Put("early", start.Add(-time.Second))
	q.Put("gone", start)
	q.Put("moved", start)
	q.Remove("gone")
	q.Put("moved", start.Add(time.Second))
	if got, want := takeAll(q, start), []string{"early", "first", "second"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if at, ok := q.Wake(); !ok || !at.Equal(start.Add(time.Second)) {
		t.Errorf("got %v, %v, want the time of the next task", at, ok)
	}
	if got, want := takeAll(q, start.Add(time.Hour)), []string{"moved", "late"}; !slices.Equal(got, want) {
		t.Errorf("an hour later: got %q, want %q", got, want)
	}
	if at, ok := q.Wake(); ok {
		t.Errorf("got %v with nothing left, want nothing to wait for", at)
	}
}

func fill(q *dispatch.Queue, n int) {
	for i := range n {
		q.Put(fmt.Sprint(i), start)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	q := dispatch.New(dispatch.Limits{Rate: 2, Burst: 10, Concurrent: 1000}, start)
	fill(q, 100)
	for _, step := range []struct {
		after time.Duration
		want  int
	}{
		{0, 10}, {499 * time.Millisecond, 0}, {500 * time.Millisecond, 1}, {10 * time.Second, 10}, {time.Minute, 10}, {61 * time.Second, 2},
	} {
		if got := len(takeAll(q, start.Add(step.after))); got != step.want {
			t.Errorf("after %v: got %d dispatches, want %d", step.after, got, step.want)
		}
	}
}

// At the time that Wake names something goes, and no time earlier.
func TestWakeIsWhenTheNextTokenIsThere(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0.001, 0.3, 1, 3, 7, 499.9, 500} {
		q := dispatch.New(dispatch.Limits{Rate: rate, Burst: 1, Concurrent: 1000}, start)
		fill(q, 50)
		now := start
		for range 50 {
			at, ok := q.Wake()
			if !ok {
				t.Fatalf("rate %v: nothing to wait for", rate)
			}
			if at.After(now) {
				if got := takeAll(q, at.Add(-time.Microsecond)); len(got) != 0 {
					t.Fatalf("rate %v: %q went before its time", rate, got)
				}
				now = at
			}
			if got := takeAll(q, now); len(got) != 1 {
				t.Fatalf("rate %v: got %q at %v, want one", rate, got, now.Sub(start))
			}
		}
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	q := dispatch.New(dispatch.Limits{Rate: 500, Burst: 100, Concurrent: 3}, start)
	fill(q, 10)
	if got := takeAll(q, start); len(got) != 3 {
		t.Errorf("got %q, want three", got)
	}
	if at, ok := q.Wake(); ok {
		t.Errorf("got %v, want no time while as many are under way as may be", at)
	}
	q.Done()
	if got := takeAll(q, start); len(got) != 1 {
		t.Errorf("after one is done: got %q, want one", got)
	}
	q.SetLimits(dispatch.Limits{Rate: 500, Burst: 100, Concurrent: 5}, start)
	if got := takeAll(q, start); len(got) != 2 {
		t.Errorf("with five allowed: got %q, want two", got)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	q := dispatch.New(dispatch.Limits{Rate: 500, Burst: 100, Concurrent: 3}, start)
	fill(q, 1)
	q.SetPaused(true)
	if got := takeAll(q, start); got != nil {
		t.Errorf("got %q from a paused queue", got)
	}
	if at, ok := q.Wake(); ok {
		t.Errorf("got %v, want no time while paused", at)
	}
	q.SetPaused(false)
	if got := takeAll(q, start); len(got) != 1 {
		t.Errorf("resumed: got %q, want the task", got)
	}
}

func TestLimitsChange(t *testing.T) {
	t.Parallel()
	q := dispatch.New(dispatch.Limits{Rate: 1, Burst: 100, Concurrent: 1000}, start)
	fill(q, 300)
	q.SetLimits(dispatch.Limits{Rate: 100, Burst: 10, Concurrent: 1000}, start)
	if got := takeAll(q, start); len(got) != 10 {
		t.Errorf("got %d, want the smaller burst", len(got))
	}
	if got := takeAll(q, start.Add(50*time.Millisecond)); len(got) != 5 {
		t.Errorf("got %d, want five by the higher rate", len(got))
	}
}

// goneIn counts what goes in ten seconds from a time on.
func goneIn(q *dispatch.Queue, from time.Time) int {
	gone := 0
	for now := from; now.Before(from.Add(10 * time.Second)); {
		for range takeAll(q, now) {
			q.Done()
			gone++
		}
		now, _ = q.Wake()
	}
	return gone
}

func TestAnOverloadedTargetSlowsItsQueue(t *testing.T) {
	t.Parallel()
	q := dispatch.New(dispatch.Limits{Rate: 10, Burst: 1, Concurrent: 1000}, start)
	fill(q, 2000)
	if got := goneIn(q, start); got < 99 || got > 101 {
		t.Fatalf("got %d in ten seconds, want 100", got)
	}
	now := start.Add(10 * time.Second)
	q.Refused(now)
	q.Refused(now.Add(time.Millisecond)) // a request that was under way
	if got := goneIn(q, now); got < 49 || got > 51 {
		t.Errorf("after a refusal: got %d, want half", got)
	}
	now = now.Add(10 * time.Second)
	q.Refused(now)
	if got := goneIn(q, now); got < 24 || got > 26 {
		t.Errorf("after another: got %d, want a quarter", got)
	}
	for i := range 100 {
		now = now.Add(10 * time.Second)
		q.Refused(now.Add(time.Duration(i)))
	}
	if got := goneIn(q, now); got != 1 && got != 2 {
		t.Errorf("after many: got %d, want that it does not stop", got)
	}
	for range 100 {
		now = now.Add(10 * time.Second)
		q.Succeeded(now)
	}
	if got := goneIn(q, now); got < 99 || got > 101 {
		t.Errorf("after many successes: got %d, want 100 again", got)
	}
}
