package event

import (
	"fmt"
	"net/http"
	"slices"
)

// Sender is a kind of sender, each of which has a form of its own.
type Sender string

// The senders.
const (
	// Scheduler is Cloud Scheduler.
	Scheduler Sender = "scheduler"
	// Tasks is Cloud Tasks.
	Tasks Sender = "tasks"
	// PubSub is a push subscription, its messages wrapped or not.
	PubSub Sender = "pubsub"
	// CloudEvents is Eventarc, and whoever else sends CloudEvents over HTTP.
	CloudEvents Sender = "cloudevents"
	// HTTP is any other client.
	HTTP Sender = "http"
)

// Senders lists the senders.
func Senders() []Sender { return []Sender{Scheduler, Tasks, PubSub, CloudEvents, HTTP} }

// Known says whether there is such a sender.
func (s Sender) Known() bool { return slices.Contains(Senders(), s) }

// Event is one delivery.
type Event struct {
	// ID are the parts of the name that the sender gives the delivery, the same
	// for each try; nil where it gives none.
	ID []string
	// Attempt counts the tries from 1; 0 means that the sender does not tell.
	Attempt int
	// Payload is what was sent, without the sender's wrapping.
	Payload []byte
	// Attributes are those of a wrapped message of Pub/Sub.
	Attributes map[string]string
	// Message is what Pub/Sub tells of its message, nil for other senders.
	Message map[string]any
	// Context is what a CloudEvent tells of itself, nil for other senders.
	Context map[string]any
}

// Error is a request that is not what its sender would send. Its text holds
// nothing of the body.
type Error struct {
	// Status is the HTTP status that answers it.
	Status int
	// Problem says what is wrong.
	Problem string
}

func (e *Error) Error() string { return e.Problem }

func badRequest(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Problem: fmt.Sprintf(format, args...)}
}

// maxIDPart bounds each part of a delivery's name, in bytes; no sender of Google's
// comes near.
const maxIDPart = 2048

// Read reads the request of a sender. Its errors are *Error.
func Read(from Sender, header http.Header, body []byte) (*Event, error) {
	readers := map[Sender]func(http.Header, []byte) (*Event, error){
		Scheduler: readScheduler, Tasks: readTask, PubSub: readMessage, CloudEvents: readCloudEvent, HTTP: readPlain,
	}
	read, ok := readers[from]
	if !ok {
		return nil, badRequest("unknown sender %q", from)
	}
	e, err := read(header, body)
	if err != nil {
		return nil, err
	}
	for _, part := range e.ID {
		if len(part) > maxIDPart {
			return nil, badRequest("the delivery's id has a part of %d bytes, want at most %d", len(part), maxIDPart)
		}
	}
	return e, nil
}

// readPlain reads what any client sends.
func readPlain(header http.Header, body []byte) (*Event, error) {
	id, err := named(header, "Idempotency-Key")
	return &Event{ID: id, Payload: body}, err
}

// named makes a name of headers, all of which have to be there, and once; it is nil
// where one is not there.
func named(header http.Header, names ...string) ([]string, error) {
	var id []string
	for _, name := range names {
		values := header.Values(name)
		if len(values) > 1 {
			return nil, badRequest("%d headers %s, want one", len(values), name)
		}
		if len(values) == 0 || values[0] == "" {
			return nil, nil
		}
		id = append(id, values[0])
	}
	return id, nil
}
