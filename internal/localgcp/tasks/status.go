package tasks

import (
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/code"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"

	"github.com/authcall/authcall/internal/localgcp/delivery"
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
	c := codeOf(result)
	if result.Err != nil {
		return &rpcstatus.Status{Code: int32(c), Message: fmt.Sprintf("%s(%d): %v", c, c, result.Err)}
	}
	return &rpcstatus.Status{Code: int32(c), Message: fmt.Sprintf("%s(%d): HTTP status code %d", c, c, result.Status)}
}

// codeOf is the canonical code of an attempt; Cloud Tasks knows one for every HTTP
// status of a failure.
func codeOf(result delivery.Result) code.Code {
	c, known := result.Code()
	switch {
	case known:
		return c
	case result.Status >= http.StatusInternalServerError:
		return code.Code_INTERNAL
	case result.Status >= http.StatusBadRequest:
		return code.Code_FAILED_PRECONDITION
	default:
		return code.Code_UNKNOWN
	}
}
