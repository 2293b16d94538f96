package tasks

import (
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/code"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// count puts the answer into the record. Where the deadline came first, the next
// attempt is told of a gateway's timeout.
func (r *record) count(result delivery.Result) {
	r.previous = result.Status
	switch {
	case result.Status != 0:
		r.task.ResponseCount++
		if result.Status < http.StatusInternalServerError {
			r.executions++
		}
	case errors.Is(result.Err, delivery.ErrDeadline):
		r.previous = http.StatusGatewayTimeout
	default:
		r.previous = http.StatusServiceUnavailable
	}
}

// statusOf is an attempt's status as the API shows it.
func statusOf(result delivery.Result) *rpcstatus.Status {
	if result.Err == nil {
		c := codeOf(result.Status)
		return &rpcstatus.Status{Code: int32(c), Message: fmt.Sprintf("%s(%d): HTTP status code %d", c, c, result.Status)}
	}
	c := code.Code_UNAVAILABLE
	if errors.Is(result.Err, delivery.ErrDeadline) {
		c = code.Code_DEADLINE_EXCEEDED
	} else if _, ok := errors.AsType[*serviceagent.Denied](result.Err); ok {
		c = code.Code_PERMISSION_DENIED
	}
	return &rpcstatus.Status{Code: int32(c), Message: fmt.Sprintf("%s(%d): %v", c, c, result.Err)}
}

// codeOf is the canonical code of an HTTP status.
func codeOf(status int) code.Code {
	switch status {
	case http.StatusBadRequest:
		return code.Code_INVALID_ARGUMENT
	case http.StatusUnauthorized:
		return code.Code_UNAUTHENTICATED
	case http.StatusForbidden:
		return code.Code_PERMISSION_DENIED
	case http.StatusNotFound:
		return code.Code_NOT_FOUND
	case http.StatusConflict:
		return code.Code_ABORTED
	case http.StatusTooManyRequests:
		return code.Code_RESOURCE_EXHAUSTED
	case http.StatusNotImplemented:
		return code.Code_UNIMPLEMENTED
	case http.StatusServiceUnavailable:
		return code.Code_UNAVAILABLE
	case http.StatusGatewayTimeout:
		return code.Code_DEADLINE_EXCEEDED
	}
	switch {
	case status >= http.StatusInternalServerError:
		return code.Code_INTERNAL
	case status >= http.StatusBadRequest:
		return code.Code_FAILED_PRECONDITION
	default:
		return code.Code_UNKNOWN
	}
}
