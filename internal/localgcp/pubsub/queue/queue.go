package queue

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// Settings say how a queue behaves.
type Settings struct {
	// AckDeadline is how long a message is leased where nothing else is said.
	AckDeadline time.Duration
	// Retention is how long after its publishing a message is kept.
	Retention time.Duration
	// KeepAcked keeps acknowledged messages, so that Seek finds them.
	KeepAcked bool
	// Ordered delivers the messages of one ordering key one after the other.
	Ordered bool
	// ExactlyOnce takes only acknowledgements of the lease that holds.
	ExactlyOnce bool
	// MaxAttempts is after how many failed attempts a message is undeliverable; 0
	// means never.
	MaxAttempts int
	// MinBackoff is how long a message rests after its first failed attempt; it
	// doubles with each further one.
	MinBackoff time.Duration
	// MaxBackoff is the longest rest.
	MaxBackoff time.Duration
}

// Message is one message of a queue, as it is kept.
type Message struct {
	// ID is the message's id, which grows with the time of publishing.
	ID int64
	// Content is what was published. It is not changed.
	Content *pubsubpb.PubsubMessage
	// Failures is how many attempts to deliver it have failed.
	Failures int
	// NotBefore is when it may be delivered again.
	NotBefore time.Time
	// Acked says that it is done, and only Seek brings it back.
	Acked bool
}

func (m *Message) published() time.Time { return m.Content.GetPublishTime().AsTime() }

// entry is a message and who has it.
type entry struct {
	Message
	lease       uint64    // of those who have it; 0 where nobody has
	leasedUntil time.Time // the zero time means until they say how it went
	exhausted   bool      // its last attempt is over, and nobody was told so
}

func (e *entry) leased() bool { return e.lease != 0 }

// current says whether it is that lease under which it is out.
func (e *entry) current(lease uint64, now time.Time) bool {
	return e.lease == lease && (e.leasedUntil.IsZero() || now.Before(e.leasedUntil))
}

func (e *entry) release() { e.lease, e.leasedUntil = 0, time.Time{} }

// Queue is a subscription's messages in the order of their ids. It is not safe
// for concurrent use.
type Queue struct {
	settings Settings
	entries  []*entry
	changed  map[int64]bool
}

// New returns a queue that holds the messages, as they were kept. None rests
// longer than the settings say, as it else would where the clock has gone back.
func New(now time.Time, s Settings, kept ...Message) *Queue {
	q := &Queue{settings: s, changed: map[int64]bool{}}
	for _, m := range kept {
		if latest := now.Add(q.backoff(m.Failures)); m.NotBefore.After(latest) {
			m.NotBefore = latest
		}
		q.entries = append(q.entries, &entry{Message: m})
	}
	slices.SortFunc(q.entries, func(a, b *entry) int { return cmp.Compare(a.ID, b.ID) })
	return q
}

// Configure changes the settings from now on.
func (q *Queue) Configure(s Settings) { q.settings = s }

// Add puts a message in, whose id must be greater than all before.
func (q *Queue) Add(id int64, content *pubsubpb.PubsubMessage) {
	q.entries = append(q.entries, &entry{Message: Message{ID: id, Content: content}})
	q.changed[id] = true
}

// Clear takes all messages out.
func (q *Queue) Clear() {
	for _, e := range q.entries {
		q.changed[e.ID] = true
	}
	q.entries = nil
}

// Changes returns what has changed since it was asked last: the messages that
// must be kept anew, and the ids of those that are gone.
func (q *Queue) Changes() (kept []Message, gone []int64) {
	for _, id := range slices.Sorted(maps.Keys(q.changed)) {
		if e := q.find(id); e != nil {
			kept = append(kept, e.Message)
		} else {
			gone = append(gone, id)
		}
	}
	clear(q.changed)
	return kept, gone
}

func (q *Queue) find(id int64) *entry {
	if i, ok := q.index(id); ok {
		return q.entries[i]
	}
	return nil
}

func (q *Queue) index(id int64) (int, bool) {
	return slices.BinarySearchFunc(q.entries, id, func(e *entry, want int64) int { return cmp.Compare(e.ID, want) })
}

// done takes a message out, or keeps it as acknowledged.
func (q *Queue) done(e *entry) {
	q.changed[e.ID] = true
	e.release()
	e.exhausted = false
	if q.settings.KeepAcked {
		e.Acked = true
		return
	}
	if i, ok := q.index(e.ID); ok {
		q.entries = slices.Delete(q.entries, i, i+1)
	}
}
