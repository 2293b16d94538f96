package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudevents/sdk-go/v2/types"
)

// Delivery is what expressions see of a delivery beside the event itself.
type Delivery struct {
	// Route names the route that it came in by.
	Route string
	// Sender is the route's.
	Sender Sender
	// Caller is the email of the token's holder.
	Caller string
	// Query is that of the request's URL.
	Query url.Values
	// Header is the request's.
	Header http.Header
}

// Input is what the expressions of a route see: the payload as body and text, the
// request's headers and query, a message's attributes, what Pub/Sub tells of its
// message and a CloudEvent of itself, and the delivery. Credentials are left out.
func (e *Event) Input(d Delivery) map[string]any {
	attributes := make(map[string]any, len(e.Attributes))
	for name, value := range e.Attributes {
		attributes[name] = value
	}
	return map[string]any{
		"body":       value(e.Payload),
		"text":       string(e.Payload),
		"headers":    headers(d.Header),
		"query":      query(d.Query),
		"attributes": attributes,
		"message":    orNull(e.Message),
		"event":      orNull(e.Context),
		"delivery": map[string]any{
			"id": id(e.ID), "attempt": e.Attempt, "route": d.Route, "sender": string(d.Sender), "caller": d.Caller,
		},
	}
}

// value is the payload's JSON value, its text where it is not JSON, and null where
// there is none.
func value(payload []byte) any {
	if len(payload) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber() // a number keeps all its digits
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return string(payload)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return string(payload)
	}
	return decoded
}

func id(parts []string) any {
	if parts == nil {
		return nil
	}
	return strings.Join(parts, "/")
}

func orNull(m map[string]any) any {
	if m == nil {
		return nil
	}
	return m
}

// headers are the request's by their lower-case names, repeated ones joined by a
// comma, but for those that hold credentials.
func headers(h http.Header) map[string]any {
	all := make(map[string]any, len(h))
	for name, values := range h {
		if name = strings.ToLower(name); !secret(name) {
			all[name] = strings.Join(values, ", ")
		}
	}
	return all
}

func secret(header string) bool {
	return strings.HasSuffix(header, "authorization") || header == "cookie" || header == "x-goog-iap-jwt-assertion"
}

// query has the first value of each name.
func query(q url.Values) map[string]any {
	all := make(map[string]any, len(q))
	for name := range q {
		all[name] = q.Get(name)
	}
	return all
}

// text writes an extension's value as a header would.
func text(extension any) string {
	written, err := types.Format(extension)
	if err != nil {
		return fmt.Sprint(extension)
	}
	return written
}
