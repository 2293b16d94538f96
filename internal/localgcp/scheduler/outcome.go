package scheduler

import (
	"errors"
	"fmt"
	"net/http"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/genproto/googleapis/rpc/code"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// outcomeOf is the status that a job shows of its last attempt.
func outcomeOf(result delivery.Result) *rpcstatus.Status {
	if result.Err != nil {
		c := code.Code_UNAVAILABLE
		if _, denied := errors.AsType[*serviceagent.Denied](result.Err); denied {
			c = code.Code_PERMISSION_DENIED
		} else if errors.Is(result.Err, delivery.ErrDeadline) {
			c = code.Code_DEADLINE_EXCEEDED
		}
		return failed(c, "%v", result.Err)
	}
	if result.OK() {
		return &rpcstatus.Status{}
	}
	return failed(codeOf(result.Status), "the target answered %d %s", result.Status, http.StatusText(result.Status))
}

func failed(c code.Code, format string, args ...any) *rpcstatus.Status {
	return &rpcstatus.Status{Code: int32(c), Message: fmt.Sprintf(format, args...)}
}

// codeOf maps an HTTP status to a canonical code.
func codeOf(httpStatus int) code.Code {
	switch httpStatus {
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
	case http.StatusInternalServerError:
		return code.Code_INTERNAL
	case http.StatusNotImplemented:
		return code.Code_UNIMPLEMENTED
	case http.StatusServiceUnavailable:
		return code.Code_UNAVAILABLE
	case http.StatusGatewayTimeout:
		return code.Code_DEADLINE_EXCEEDED
	}
	return code.Code_UNKNOWN
}

// publish puts the message into the topic as the service agent.
func (s *Service) publish(target *schedulerpb.PubsubTarget) *rpcstatus.Status {
	topic := target.GetTopicName()
	agent, known := s.policy.Lookup(s.agent.Email())
	if !known || !s.policy.Allowed(agent, permissionPublish, topic) {
		return failed(code.Code_PERMISSION_DENIED, "service agent %s has no permission %s on %s, want a binding of %s on the project",
			s.agent.Email(), permissionPublish, topic, serviceagent.Role(serviceagent.Scheduler))
	}
	if s.publisher == nil {
		return failed(code.Code_NOT_FOUND, "there is no topic %s", topic)
	}
	if err := s.publisher.Publish(s.background, topic, target.GetData(), target.GetAttributes()); err != nil {
		return status.Convert(err).Proto()
	}
	return &rpcstatus.Status{}
}
