package pubsub

import (
	"context"
	"time"
)

// forever is longer than any wait.
const forever = 100 * 365 * day

// start lets a subscription do what it does by itself, until it is deleted or the
// service closed. It is called with the lock held, or before anybody else can.
func (s *Service) start(sub *subscription) {
	if s.background.Err() != nil {
		return
	}
	ctx, stop := context.WithCancel(s.background)
	sub.stop = stop
	s.running.Go(func() {
		defer stop()
		for ctx.Err() == nil {
			rest, wake, until := s.step(ctx, sub)
			_ = s.clock.Wait(rest, until) // woken before or not, it looks again
			wake()
		}
	})
}

// step does what is due, and tells until when to rest.
func (s *Service) step(ctx context.Context, sub *subscription) (rest context.Context, wake context.CancelFunc, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest, wake = context.WithCancel(ctx)
	sub.wake = wake
	now := s.clock.Now()
	if at, ok := sub.expiry(); ok && !now.Before(at) && !sub.gone {
		s.log.Info().Str("subscription", sub.shown.GetName()).Msg("deleted, as nobody has used it for long")
		s.logged(s.delete(sub))
		return rest, wake, now
	}
	sub.queue.Expire(now)
	s.buryAll(sub)
	if sub.pushes() {
		s.pushSome(ctx, sub, now)
	}
	s.keep(sub)
	sub.tell()
	return rest, wake, s.due(sub, now)
}

// due is when step has something to do again.
func (s *Service) due(sub *subscription, now time.Time) time.Time {
	until := now.Add(forever)
	earlier := func(at time.Time, ok bool) {
		if ok && at.Before(until) {
			until = at
		}
	}
	earlier(sub.queue.Next(now))
	earlier(sub.expiry())
	earlier(sub.window.pause, sub.pushes() && now.Before(sub.window.pause))
	return until
}
