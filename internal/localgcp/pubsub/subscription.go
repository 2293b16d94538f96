package pubsub

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/authcall/authcall/internal/localgcp/pubsub/filter"
	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
)

// subscription is one with what it holds. The service's lock guards it.
type subscription struct {
	shown  *pubsubpb.Subscription // as its API shows it
	queue  *queue.Queue
	filter filter.Filter
	window window
	active time.Time     // when it was used last
	moved  chan struct{} // closed when there may be messages for those who wait
	stop   context.CancelFunc
	// wake ends the rest of the loop that keeps it.
	wake context.CancelFunc
	// gone says that it is deleted.
	gone bool
}

// newSubscription makes one of what is kept of it.
func newSubscription(now time.Time, shown *pubsubpb.Subscription, active time.Time, kept ...queue.Message) (*subscription, error) {
	wanted, err := filter.Parse(shown.GetFilter())
	if err != nil {
		return nil, fmt.Errorf("filter of %s: %w", shown.GetName(), err)
	}
	return &subscription{
		shown:  shown,
		queue:  queue.New(now, settings(shown), kept...),
		filter: wanted,
		window: newWindow(),
		active: active,
		moved:  make(chan struct{}),
		stop:   func() {},
		wake:   func() {},
	}, nil
}

// configure takes over how the subscription is to be.
func (sub *subscription) configure(shown *pubsubpb.Subscription) {
	sub.shown = shown
	sub.queue.Configure(settings(shown))
}

// tell lets those go on who wait for messages.
func (sub *subscription) tell() {
	close(sub.moved)
	sub.moved = make(chan struct{})
}

// pushes says whether messages are pushed.
func (sub *subscription) pushes() bool {
	return sub.shown.GetPushConfig().GetPushEndpoint() != "" && !sub.shown.GetDetached()
}

// expiry is when an unused subscription is deleted; ok is false where it never is.
func (sub *subscription) expiry() (at time.Time, ok bool) {
	ttl := sub.shown.GetExpirationPolicy().GetTtl()
	return sub.active.Add(ttl.AsDuration()), ttl.AsDuration() > 0
}

// settings are what a queue needs to know of its subscription.
func settings(shown *pubsubpb.Subscription) queue.Settings {
	s := queue.Settings{
		AckDeadline: time.Duration(shown.GetAckDeadlineSeconds()) * time.Second,
		Retention:   shown.GetMessageRetentionDuration().AsDuration(),
		KeepAcked:   shown.GetRetainAckedMessages(),
		Ordered:     shown.GetEnableMessageOrdering(),
		ExactlyOnce: shown.GetEnableExactlyOnceDelivery(),
		MaxAttempts: int(shown.GetDeadLetterPolicy().GetMaxDeliveryAttempts()),
	}
	if retry := shown.GetRetryPolicy(); retry != nil {
		s.MinBackoff, s.MaxBackoff = retry.GetMinimumBackoff().AsDuration(), retry.GetMaximumBackoff().AsDuration()
	}
	return s
}
