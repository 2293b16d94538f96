package event

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/expression"
)

// lines makes a header of lines NAME: VALUE, as a server would have read them.
func lines(text string) http.Header {
	h := http.Header{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			h.Add(name, strings.TrimSpace(value))
		}
	}
	return h
}

// Whatever comes is an event or is refused with an answer of the sender's fault; what
// an expression sees of an event is always something that it can take.
func FuzzRead(f *testing.F) {
	f.Add(2, "", []byte(wrapped(encoded(`{"a": 1}`))))
	f.Add(2, "X-Goog-Pubsub-Message-Id: 1\nX-Goog-Pubsub-Subscription-Name: s", []byte("x"))
	f.Add(2, "", []byte(`{"message":{"data":7,"messageId":1},"subscription":[]}`))
	f.Add(3, "Ce-Id: 1\nCe-Source: /s\nCe-Type: t\nCe-Specversion: 1.0\nCe-Subject: %zz\nCe-X: ", []byte("{"))
	f.Add(3, "Ce-Id: 1\nCe-Source: /s\nCe-Type: t\nCe-Specversion: 0.3\nCe-Time: 2026-01-01T00:00:00Z", []byte(nil))
	f.Add(3, "Content-Type: application/cloudevents+json", []byte(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"AA=="}`))
	f.Add(0, "X-CloudScheduler-JobName: j\nX-CloudScheduler-ScheduleTime: t", []byte("[1e999]"))
	f.Add(4, "Idempotency-Key: \xff", []byte("\xff"))
	see, err := expression.Compile("tojson")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sender int, head string, body []byte) {
		senders := Senders()
		from := senders[uint(sender)%uint(len(senders))]
		h := lines(head)
		e, err := Read(from, h, body)
		if err != nil {
			if refusal, ok := errors.AsType[*Error](err); !ok || refusal.Status < 400 || refusal.Status > 499 {
				t.Fatalf("got %v, want a refusal of the sender's fault", err)
			}
			return
		}
		for _, part := range e.ID {
			if part == "" || len(part) > maxIDPart {
				t.Errorf("id %q has a part that tells nothing", e.ID)
			}
		}
		if _, err := see.Of(context.Background(), e.Input(Delivery{Sender: from, Header: h})); err != nil {
			t.Errorf("expressions cannot take the event: %v", err)
		}
	})
}
