package metadata

import (
	"context"
	"sync"
	"time"
)

// Start is how a server behaves at first, as in the first seconds of a pod. The
// zero value behaves well.
type Start struct {
	// Late is how many requests are answered only after Delay.
	Late int
	// Delay is how late those are.
	Delay time.Duration
	// Nameless is how many times the account's email is told as "default".
	Nameless int
}

// begun counts what has been answered.
type begun struct {
	mu             sync.Mutex
	late, nameless int
}

// another counts up, and says whether the limit is not yet passed.
func (b *begun) another(count *int, limit int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if *count >= limit {
		return false
	}
	*count++
	return true
}

// answers waits where the request is one of the late ones. It is false for a
// client that did not wait as long.
func (s *Server) answers(ctx context.Context) bool {
	if !s.begun.another(&s.begun.late, s.instance.Start.Late) {
		return true
	}
	timer := time.NewTimer(s.instance.Start.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Server) email() string {
	if s.begun.another(&s.begun.nameless, s.instance.Start.Nameless) {
		return "default"
	}
	return s.instance.Account.Email
}
