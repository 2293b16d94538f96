package queue

import (
	"slices"
	"time"
)

// Ack says that a delivery went well. An acknowledgement that comes late is taken,
// unless the queue delivers exactly once: then the error wraps ErrExpired.
func (q *Queue) Ack(now time.Time, id string) error {
	e, current, err := q.settle(now, id)
	if err != nil {
		return err
	}
	if e != nil && !e.Acked && (current || !q.settings.ExactlyOnce) {
		q.done(e)
	}
	return nil
}

// Extend leases a message for so long from now on, or with 0 says that its
// delivery failed. For a lease that has ended it does nothing, or where the queue
// delivers exactly once the error wraps ErrExpired.
func (q *Queue) Extend(now time.Time, id string, lease time.Duration) error {
	e, current, err := q.settle(now, id)
	switch {
	case err != nil || !current:
		return err
	case lease <= 0:
		q.fail(now, e)
	default:
		e.leasedUntil = now.Add(lease)
	}
	return nil
}

// settle finds the message of an ack id, which may be gone, and says whether the
// lease still holds.
func (q *Queue) settle(now time.Time, id string) (e *entry, current bool, err error) {
	message, lease, err := parseAckID(id)
	if err != nil {
		return nil, false, err
	}
	e = q.find(message)
	current = e != nil && e.current(lease, now)
	if !current && q.settings.ExactlyOnce {
		return nil, false, ErrExpired
	}
	return e, current, nil
}

// fail ends a lease without success. Later messages of the same ordering key go
// back with it, for they must be delivered after it.
func (q *Queue) fail(now time.Time, e *entry) {
	e.release()
	e.Failures++
	e.NotBefore = now.Add(q.backoff(e.Failures))
	e.exhausted = q.settings.MaxAttempts > 0 && e.Failures >= q.settings.MaxAttempts
	q.changed[e.ID] = true
	key := e.Content.GetOrderingKey()
	if !q.settings.Ordered || key == "" {
		return
	}
	at, _ := q.index(e.ID)
	for _, later := range q.entries[at+1:] {
		if later.Content.GetOrderingKey() == key {
			later.release()
		}
	}
}

func (q *Queue) backoff(failures int) time.Duration {
	rest := q.settings.MinBackoff
	for i := 1; i < failures && rest < q.settings.MaxBackoff; i++ {
		rest *= 2
	}
	return min(rest, q.settings.MaxBackoff)
}

// Expire ends the leases whose time is over, as failed, and takes out the
// messages that are older than the retention.
func (q *Queue) Expire(now time.Time) {
	q.entries = slices.DeleteFunc(q.entries, func(e *entry) bool {
		old := !now.Before(e.published().Add(q.settings.Retention))
		if old {
			q.changed[e.ID] = true
		}
		return old
	})
	for _, e := range q.entries {
		if !e.leasedUntil.IsZero() && !now.Before(e.leasedUntil) {
			q.fail(now, e)
		}
	}
}

// Exhausted returns the messages whose last attempt has failed since it was asked
// last. They stay, to be tried again, unless Drop takes them out.
func (q *Queue) Exhausted() []Message {
	var all []Message
	for _, e := range q.entries {
		if e.exhausted {
			e.exhausted = false
			all = append(all, e.Message)
		}
	}
	return all
}

// Drop takes a message out as if it were acknowledged.
func (q *Queue) Drop(id int64) {
	if e := q.find(id); e != nil {
		q.done(e)
	}
}

// Seek makes all messages that were published before a time acknowledged, and
// those from then on not, as far as they are kept.
func (q *Queue) Seek(to time.Time) {
	for _, e := range slices.Clone(q.entries) {
		e.release()
		switch before := e.published().Before(to); {
		case before && !e.Acked:
			q.done(e)
		case !before && e.Acked:
			e.Acked, e.Failures, e.NotBefore = false, 0, time.Time{}
			q.changed[e.ID] = true
		}
	}
}

// Held says whether the lease of an ack id holds.
func (q *Queue) Held(now time.Time, id string) bool {
	message, lease, err := parseAckID(id)
	e := q.find(message)
	return err == nil && e != nil && e.current(lease, now)
}
