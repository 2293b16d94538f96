package queue

import (
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
)

// Limit is how much Take may take.
type Limit struct {
	// Messages is the greatest number of messages.
	Messages int
	// Bytes is their greatest size together, of which a single message may be
	// more; 0 means any.
	Bytes int
	// Lease is how long they are leased; 0 means the queue's deadline.
	Lease time.Duration
	// Hold leases them until it is said how the delivery went.
	Hold bool
	// OneOfAKey takes the next message of an ordering key only when the one
	// before is done.
	OneOfAKey bool
}

// Delivery is a message on its way.
type Delivery struct {
	// AckID tells of the delivery.
	AckID string
	// ID is the message's id.
	ID int64
	// Content is the message. It must not be changed.
	Content *pubsubpb.PubsubMessage
	// Attempt counts the attempts to deliver the message, from 1 on.
	Attempt int
}

// Take leases the messages that are to be delivered now, the oldest first.
func (q *Queue) Take(now time.Time, l Limit) []Delivery {
	lease := l.Lease
	if lease == 0 {
		lease = q.settings.AckDeadline
	}
	var taken []Delivery
	size, blocked := 0, map[string]bool{}
	for _, e := range q.entries {
		if len(taken) >= l.Messages {
			break
		}
		if e.Acked {
			continue
		}
		key := e.Content.GetOrderingKey()
		ordered := q.settings.Ordered && key != ""
		if e.leased() || now.Before(e.NotBefore) || ordered && blocked[key] {
			blocked[key] = true
			continue
		}
		size += proto.Size(e.Content)
		if l.Bytes > 0 && size > l.Bytes && len(taken) > 0 {
			break
		}
		blocked[key] = l.OneOfAKey
		e.lease = newLease()
		if !l.Hold {
			e.leasedUntil = now.Add(lease)
		}
		taken = append(taken, Delivery{AckID: ackID(e), ID: e.ID, Content: e.Content, Attempt: e.Failures + 1})
	}
	return taken
}

// Next is when something changes by itself: a lease or a rest ends, or the time of
// a message does. ok is false where nothing will.
func (q *Queue) Next(now time.Time) (at time.Time, ok bool) {
	earlier := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	for i, e := range q.entries {
		if i == 0 { // the oldest goes first
			earlier(e.published().Add(q.settings.Retention))
		}
		switch {
		case !e.leasedUntil.IsZero():
			earlier(e.leasedUntil)
		case !e.Acked && !e.leased() && now.Before(e.NotBefore):
			earlier(e.NotBefore)
		}
	}
	return at, ok
}
