package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time and waits for it. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{} // closed when the offset changes
}

// New returns a clock that is ahead of the machine's by the offset.
func New(offset time.Duration) *Clock {
	return &Clock{offset: offset, moved: make(chan struct{})}
}

// Now is the time.
func (c *Clock) Now() time.Time {
	now, _ := c.read()
	return now
}

// read tells the time, and what is closed when it jumps.
func (c *Clock) read() (now time.Time, moved <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset), c.moved
}

// Advance moves the clock forward and wakes those whose time has come. A clock
// never goes back: a duration that is not positive does nothing.
func (c *Clock) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	close(c.moved)
	c.moved = make(chan struct{})
}

// Wait returns nil once the clock shows the time, or the context's cause where
// that ends before.
func (c *Clock) Wait(ctx context.Context, until time.Time) error {
	for {
		now, moved := c.read()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !now.Before(until) {
			return nil
		}
		if err := pause(ctx, until.Sub(now), moved); err != nil {
			return err
		}
	}
}

// pause ends after the duration, or earlier where the clock is moved.
func pause(ctx context.Context, d time.Duration, moved <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-moved:
	case <-timer.C:
	}
	return nil
}
