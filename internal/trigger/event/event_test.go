package event

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// header makes a header of NAME, VALUE and so on.
func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

const subscription = "projects/my-project/subscriptions/orders"

// wrapped is a message as Pub/Sub pushes it, in both spellings of its fields.
func wrapped(data string) string {
	return `{"message":{"attributes":{"kind":"final"},"data":"` + data + `","messageId":"42","message_id":"42",` +
		`"orderingKey":"k","publishTime":"2026-01-02T03:04:05Z","publish_time":"2026-01-02T03:04:05Z"},` +
		`"subscription":"` + subscription + `","deliveryAttempt":3}`
}

func TestRead(t *testing.T) {
	t.Parallel()
	binary := header("Ce-Id", "e1", "Ce-Source", "//storage.googleapis.com/projects/_/buckets/b", "Ce-Specversion", "1.0",
		"Ce-Type", "google.cloud.storage.object.v1.finalized", "Ce-Subject", "objects/gr%C3%BCn%20x", "Ce-Time", "2026-01-02T03:04:05Z",
		"Ce-Bucket", "b", "Content-Type", "application/json")
	context := map[string]any{
		"id": "e1", "source": "//storage.googleapis.com/projects/_/buckets/b", "specversion": "1.0", "bucket": "b",
		"type": "google.cloud.storage.object.v1.finalized", "subject": "objects/grün x", "time": "2026-01-02T03:04:05Z",
		"datacontenttype": "application/json",
	}
	cases := []struct {
		name   string
		from   Sender
		header http.Header
		body   string
		want   Event
	}{
		{
			name: "scheduler", from: Scheduler, body: "go",
			header: header("X-CloudScheduler", "true", "X-CloudScheduler-JobName", "nightly", "X-CloudScheduler-ScheduleTime", "2026-01-02T03:00:00Z"),
			want:   Event{ID: []string{"nightly", "2026-01-02T03:00:00Z"}, Payload: []byte("go")},
		},
		{name: "scheduler without its time", from: Scheduler, header: header("X-CloudScheduler-JobName", "nightly"), want: Event{Payload: []byte{}}},
		{
			name: "task", from: Tasks, body: "{}",
			header: header("X-CloudTasks-QueueName", "q", "X-CloudTasks-TaskName", "17", "X-CloudTasks-TaskRetryCount", "2"),
			want:   Event{ID: []string{"q", "17"}, Attempt: 3, Payload: []byte("{}")},
		},
		{
			name: "task with a strange count", from: Tasks,
			header: header("X-CloudTasks-QueueName", "q", "X-CloudTasks-TaskName", "17", "X-CloudTasks-TaskRetryCount", "-1"),
			want:   Event{ID: []string{"q", "17"}, Payload: []byte{}},
		},
		{
			name: "message in its wrapping", from: PubSub, body: wrapped(encoded("hello")),
			want: Event{
				ID: []string{subscription, "42"}, Attempt: 3, Payload: []byte("hello"), Attributes: map[string]string{"kind": "final"},
				Message: map[string]any{"subscription": subscription, "messageId": "42", "publishTime": "2026-01-02T03:04:05Z", "orderingKey": "k", "deliveryAttempt": 3},
			},
		},
		{
			name: "message of attributes alone", from: PubSub, body: `{"message":{"attributes":{"a":"b"},"messageId":"1"},"subscription":"s"}`,
			want: Event{ID: []string{"s", "1"}, Attributes: map[string]string{"a": "b"}, Message: map[string]any{"subscription": "s", "messageId": "1"}},
		},
		{
			name: "message without its wrapping", from: PubSub, body: wrapped(encoded("not read")),
			header: header("X-Goog-Pubsub-Subscription-Name", subscription, "X-Goog-Pubsub-Message-Id", "7", "X-Goog-Pubsub-Publish-Time", "2026-01-02T03:04:05Z", "X-Goog-Pubsub-Ordering-Key", "k"),
			want: Event{
				ID: []string{subscription, "7"}, Payload: []byte(wrapped(encoded("not read"))),
				Message: map[string]any{"subscription": subscription, "messageId": "7", "publishTime": "2026-01-02T03:04:05Z", "orderingKey": "k"},
			},
		},
		{name: "message of which nothing tells", from: PubSub, body: `{"message": "my own"}`, want: Event{Payload: []byte(`{"message": "my own"}`), Message: map[string]any{}}},
		{name: "CloudEvent in binary mode", from: CloudEvents, header: binary, body: `{"name":"x"}`, want: Event{ID: []string{context["source"].(string), "e1"}, Payload: []byte(`{"name":"x"}`), Context: context}},
		{
			name: "CloudEvent in structured mode", from: CloudEvents, header: header("Content-Type", "application/cloudevents+json; charset=utf-8"),
			body: `{"specversion":"1.0","id":"e2","source":"/s","type":"t","number":7,"data":{"a":1}}`,
			want: Event{ID: []string{"/s", "e2"}, Payload: []byte(`{"a":1}`), Context: map[string]any{"id": "e2", "source": "/s", "type": "t", "specversion": "1.0", "number": "7"}},
		},
		{
			name: "CloudEvent with binary data in structured mode", from: CloudEvents, header: header("Content-Type", "application/cloudevents+json"),
			body: `{"specversion":"1.0","id":"e3","source":"/s","type":"t","datacontenttype":"text/plain","data_base64":"` + encoded("hello") + `"}`,
			want: Event{ID: []string{"/s", "e3"}, Payload: []byte("hello"), Context: map[string]any{"id": "e3", "source": "/s", "type": "t", "specversion": "1.0", "datacontenttype": "text/plain"}},
		},
		{name: "plain", from: HTTP, header: header("Idempotency-Key", "k1"), body: "x", want: Event{ID: []string{"k1"}, Payload: []byte("x")}},
		{name: "plain without a key", from: HTTP, want: Event{Payload: []byte{}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(c.from, c.header, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	cases := []struct {
		name   string
		from   Sender
		header http.Header
		body   string
		status int
		want   string
	}{
		{name: "unknown sender", from: "smtp", status: 400, want: `unknown sender "smtp"`},
		{name: "two task names", from: Tasks, header: header("X-CloudTasks-QueueName", "q", "X-CloudTasks-TaskName", "1", "X-CloudTasks-TaskName", "2"), status: 400, want: "2 headers X-CloudTasks-TaskName, want one"},
		{name: "message that is not base64", from: PubSub, body: wrapped("*" + secret), status: 400, want: "data is not base64"},
		{name: "id without end", from: HTTP, header: header("Idempotency-Key", strings.Repeat("k", 2049)), status: 400, want: "2049 bytes, want at most 2048"},
		{name: "batch of CloudEvents", from: CloudEvents, header: header("Content-Type", "application/cloudevents-batch+json"), body: "[]", status: 415, want: "want one CloudEvent"},
		{name: "CloudEvent as XML", from: CloudEvents, header: header("Content-Type", "application/cloudevents+xml"), status: 415, want: "want one CloudEvent"},
		{name: "no CloudEvent", from: CloudEvents, header: header("Content-Type", "application/json"), body: secret, status: 400, want: "no header ce-specversion"},
		{name: "CloudEvent of the future", from: CloudEvents, header: header("Ce-Specversion", "9.0", "Ce-Id", "1", "Ce-Source", "/s", "Ce-Type", "t"), status: 400, want: "not a CloudEvent"},
		{name: "CloudEvent without an id", from: CloudEvents, header: header("Ce-Specversion", "1.0", "Ce-Source", "/s", "Ce-Type", "t"), status: 400, want: "id: MUST be a non-empty string"},
		{name: "CloudEvent of two ids", from: CloudEvents, header: header("Ce-Specversion", "1.0", "Ce-Source", "/s", "Ce-Type", "t", "Ce-Id", "1", "Ce-Id", "2"), status: 400, want: "2 headers Ce-Id, want one"},
		{name: "CloudEvent of no time", from: CloudEvents, header: header("Ce-Specversion", "1.0", "Ce-Source", "/s", "Ce-Type", "t", "Ce-Id", "1", "Ce-Time", "noon"), status: 400, want: "not a CloudEvent"},
		{name: "structured CloudEvent that is no JSON", from: CloudEvents, header: header("Content-Type", "application/cloudevents+json"), body: `{"id": ` + secret, status: 400, want: "not a CloudEvent"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(c.from, c.header, []byte(c.body))
			refusal, ok := errors.AsType[*Error](err)
			if !ok || refusal.Status != c.status || !strings.Contains(refusal.Problem, c.want) {
				t.Fatalf("got %v, want %d with %q", err, c.status, c.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q shows the body", err)
			}
		})
	}
}
