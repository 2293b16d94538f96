package tasks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/authcall/authcall/internal/localgcp/delivery"
)

// errStopped is why a request was cut off that is to be made again.
var errStopped = errors.New("the local Cloud Tasks was stopped while the request was under way")

// closeGrace is how long requests under way may take when all is stopped.
const closeGrace = 2 * time.Second

// sender runs what goes on in the background: a loop for each queue, and the
// requests.
type sender struct {
	agent   delivery.Minter
	deliver Deliverer

	loops    context.Context //nolint:containedctx // its life is the sender's own
	stop     context.CancelFunc
	requests context.Context //nolint:containedctx // its life is the sender's own
	cut      context.CancelCauseFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

func newSender(o Options) *sender {
	s := &sender{agent: o.Agent, deliver: o.Deliver}
	s.loops, s.stop = context.WithCancel(context.Background())
	s.requests, s.cut = context.WithCancelCause(context.Background())
	return s
}

// spawn runs something that close waits for; once that is called it does nothing.
func (s *sender) spawn(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Go(f)
	}
}

// serve lets a queue send until it is deleted.
func (s *sender) serve(q *queue) {
	ctx, stop := context.WithCancel(s.loops)
	q.stop = stop
	s.spawn(func() { q.serve(ctx) })
}

// send makes a request and tells what became of it.
func (s *sender) send(r delivery.Request, done func(delivery.Result)) {
	s.spawn(func() { done(s.deliver.Deliver(s.requests, s.agent, r)) })
}

func (s *sender) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	late := time.AfterFunc(closeGrace, func() { s.cut(errStopped) })
	s.running.Wait()
	late.Stop()
	s.cut(errStopped)
}
