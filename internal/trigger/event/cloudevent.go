package event

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	ce "github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

// Media types of events that are not spread over headers and body.
const (
	cloudEvent = "application/cloudevents"
	structured = cloudEvent + "+json"
)

// readCloudEvent reads an event in binary or structured mode.
func readCloudEvent(header http.Header, body []byte) (*Event, error) {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if strings.HasPrefix(kind, cloudEvent) && (kind != structured || err != nil) {
		return nil, &Error{
			Status:  http.StatusUnsupportedMediaType,
			Problem: "want one CloudEvent, in binary mode or as " + structured,
		}
	}
	attributes, err := decodeHeader(header)
	if err != nil {
		return nil, err
	}
	message := cehttp.NewMessage(attributes, io.NopCloser(bytes.NewReader(body)))
	if message.ReadEncoding() == binding.EncodingUnknown {
		return nil, badRequest("not a CloudEvent: it is not %s and has no header ce-specversion of a known version", structured)
	}
	read, err := binding.ToEvent(context.Background(), message)
	if err != nil { // its text may hold some of the body
		return nil, badRequest("not a CloudEvent of the form that its headers promise")
	}
	if err := read.Validate(); err != nil {
		return nil, badRequest("not a CloudEvent: %v", err)
	}
	return &Event{ID: []string{read.Source(), read.ID()}, Payload: read.Data(), Context: contextOf(read)}, nil
}

// decodeHeader is the header with the event's attributes as they were before they
// were percent-encoded, which the CloudEvents library leaves to its caller.
func decodeHeader(header http.Header) (http.Header, error) {
	decoded := http.Header{}
	for name, values := range header {
		value := values[0]
		if strings.HasPrefix(name, "Ce-") {
			if len(values) > 1 {
				return nil, badRequest("%d headers %s, want one", len(values), name)
			}
			if plain, err := url.PathUnescape(value); err == nil {
				value = plain
			}
		}
		decoded[name] = []string{value}
	}
	return decoded, nil
}

// contextOf is the event's context by the names of the specification.
func contextOf(e *ce.Event) map[string]any {
	all := map[string]any{}
	for name, value := range e.Extensions() {
		all[name] = text(value)
	}
	for name, value := range map[string]string{
		"id": e.ID(), "source": e.Source(), "type": e.Type(), "specversion": e.SpecVersion(),
		"subject": e.Subject(), "datacontenttype": e.DataContentType(), "dataschema": e.DataSchema(),
	} {
		if value != "" {
			all[name] = value
		}
	}
	if at := e.Time(); !at.IsZero() {
		all["time"] = at.UTC().Format(time.RFC3339Nano)
	}
	return all
}
