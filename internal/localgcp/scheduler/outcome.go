package scheduler

import (
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
	c, _ := result.Code()
	if result.Err != nil {
		return failed(c, "%v", result.Err)
	}
	if result.OK() {
		return &rpcstatus.Status{}
	}
	return failed(c, "the target answered %d %s", result.Status, http.StatusText(result.Status))
}

func failed(c code.Code, format string, args ...any) *rpcstatus.Status {
	return &rpcstatus.Status{Code: int32(c), Message: fmt.Sprintf(format, args...)}
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
