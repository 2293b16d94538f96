package apierror

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Error is one error answer of an API.
type Error struct {
	// Code is the HTTP status.
	Code int
	// Status is the canonical code of google.rpc.Code; empty means the one that
	// goes with Code.
	Status string
	// Message is for people.
	Message string
	// Details are google.rpc messages, each with its @type.
	Details []any
	// RetryAfter is sent as a header in whole seconds where it is not 0.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Code, e.Canonical(), e.Message) }

// Write sends the error as the answer.
func (e *Error) Write(w http.ResponseWriter) {
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())))
	}
	if e.Code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/"`)
	}
	WriteJSON(w, e.Code, map[string]any{"error": body{e.Code, e.Message, e.Canonical(), e.Details}})
}

// body is the error document, in Google's order.
type body struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
	Details []any  `json:"details,omitempty"`
}

// WriteJSON sends a document as Google's APIs do, indented.
func WriteJSON(w http.ResponseWriter, code int, document any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(document) // the client is gone where this fails
}

// Canonical is the canonical code of google.rpc.Code.
func (e *Error) Canonical() string {
	if e.Status != "" {
		return e.Status
	}
	switch e.Code {
	case http.StatusBadRequest:
		return "INVALID_ARGUMENT"
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	case http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	case http.StatusNotImplemented:
		return "UNIMPLEMENTED"
	default:
		return "INTERNAL"
	}
}
