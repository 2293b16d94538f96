package delivery

import (
	"errors"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/code"

	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// Code is the canonical code of what became of a request. It is not known for an
// HTTP status that senders take for different things.
func (r Result) Code() (c code.Code, known bool) {
	if r.Err == nil {
		return codeOf(r.Status)
	}
	if _, denied := errors.AsType[*serviceagent.Denied](r.Err); denied {
		return code.Code_PERMISSION_DENIED, true
	}
	if errors.Is(r.Err, ErrDeadline) {
		return code.Code_DEADLINE_EXCEEDED, true
	}
	return code.Code_UNAVAILABLE, true
}

func codeOf(status int) (c code.Code, known bool) {
	switch status {
	case http.StatusBadRequest:
		return code.Code_INVALID_ARGUMENT, true
	case http.StatusUnauthorized:
		return code.Code_UNAUTHENTICATED, true
	case http.StatusForbidden:
		return code.Code_PERMISSION_DENIED, true
	case http.StatusNotFound:
		return code.Code_NOT_FOUND, true
	case http.StatusConflict:
		return code.Code_ABORTED, true
	case http.StatusTooManyRequests:
		return code.Code_RESOURCE_EXHAUSTED, true
	case http.StatusInternalServerError:
		return code.Code_INTERNAL, true
	case http.StatusNotImplemented:
		return code.Code_UNIMPLEMENTED, true
	case http.StatusServiceUnavailable:
		return code.Code_UNAVAILABLE, true
	case http.StatusGatewayTimeout:
		return code.Code_DEADLINE_EXCEEDED, true
	}
	return code.Code_UNKNOWN, false
}
