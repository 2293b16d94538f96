package pubsub

import (
	"context"
	"net/http"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/pubsub/push"
	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
)

// acknowledged are the answers that acknowledge a message. Google takes 102 too,
// which in Go only announces the answer.
func acknowledged() []int {
	return []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent}
}

// pushSome starts as many requests as the window has room for.
func (s *Service) pushSome(ctx context.Context, sub *subscription, now time.Time) {
	room := sub.window.room(now)
	for _, d := range sub.queue.Take(now, queue.Limit{Messages: room, Hold: true, OneOfAKey: true}) {
		sub.window.inFlight++
		request := requestOf(sub.shown, d)
		s.running.Go(func() {
			result := s.deliver.Deliver(ctx, s.agent, request)
			s.pushed(ctx, sub, d, result)
		})
	}
}

func requestOf(sub *pubsubpb.Subscription, d queue.Delivery) delivery.Request {
	return push.Request(push.Push{
		Config:       sub.GetPushConfig(),
		Subscription: sub.GetName(),
		Message:      d.Content,
		Attempt:      d.Attempt,
		ShowAttempt:  sub.GetDeadLetterPolicy() != nil,
		Deadline:     time.Duration(sub.GetAckDeadlineSeconds()) * time.Second,
	})
}

// pushed takes the answer to a request. One that the service's end has cut off is
// none.
func (s *Service) pushed(ctx context.Context, sub *subscription, d queue.Delivery, result delivery.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	now := s.clock.Now()
	if result.Err == nil && slices.Contains(acknowledged(), result.Status) {
		sub.window.succeeded()
		sub.active = s.now()
		s.logged(sub.queue.Ack(now, d.AckID))
	} else {
		sub.window.failed(now, sub.shown.GetRetryPolicy() == nil)
		s.logged(sub.queue.Extend(now, d.AckID, 0))
	}
	s.buryAll(sub)
	s.logged(s.flush(sub))
}
