package clock_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/authcall/authcall/internal/localgcp/clock"
)

// In a bubble of synctest the machine's clock stands still while anything runs.
func TestNowIsTheMachinesTimeShifted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(time.Hour)
		start := time.Now()
		if got := c.Now().Sub(start); got != time.Hour {
			t.Errorf("got %v ahead, want 1h", got)
		}
		for _, d := range []time.Duration{0, -time.Minute, 30 * time.Minute} {
			c.Advance(d)
		}
		if got := c.Now().Sub(start); got != 90*time.Minute {
			t.Errorf("got %v ahead, want 1h30m", got)
		}
	})
}

func TestWaitEndsByTheMachinesTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(0)
		start := time.Now()
		if err := c.Wait(t.Context(), start.Add(time.Minute)); err != nil || time.Since(start) != time.Minute {
			t.Errorf("got %v after %v, want nil after 1m", err, time.Since(start))
		}
		if err := c.Wait(t.Context(), start); err != nil {
			t.Errorf("a time that is over: %v", err)
		}
	})
}

func TestAdvanceWakesThoseWhoseTimeHasCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(0)
		start := time.Now()
		woken := map[time.Duration]chan error{time.Minute: nil, time.Hour: nil}
		for after := range woken {
			done := make(chan error, 1)
			woken[after] = done
			go func() { done <- c.Wait(t.Context(), start.Add(after)) }()
		}
		synctest.Wait()
		c.Advance(time.Minute)
		synctest.Wait()
		select {
		case err := <-woken[time.Minute]:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("nobody woke whose time had come")
		}
		select {
		case err := <-woken[time.Hour]:
			t.Errorf("one woke before its time, with %v", err)
		default:
		}
		if err := <-woken[time.Hour]; err != nil || time.Since(start) != time.Hour-time.Minute {
			t.Errorf("got %v after %v of the machine, want nil after 59m", err, time.Since(start))
		}
	})
}

func TestWaitTellsTheCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, cause := clock.New(0), errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Wait(ctx, time.Now().Add(time.Hour)) }()
		synctest.Wait()
		cancel(cause)
		if err := <-done; !errors.Is(err, cause) {
			t.Errorf("got %v, want %v", err, cause)
		}
		if err := c.Wait(ctx, time.Now()); !errors.Is(err, cause) {
			t.Errorf("a context that has ended: got %v, want %v", err, cause)
		}
	})
}
