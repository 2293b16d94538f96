package tasks

import (
	"context"

	"cloud.google.com/go/iam/apiv1/iampb"

	"github.com/authcall/authcall/internal/localgcp/rpc"
)

// GetIamPolicy shows the policy of a queue.
func (s *Server) GetIamPolicy(ctx context.Context, req *iampb.GetIamPolicyRequest) (*iampb.Policy, error) {
	name, exists, err := s.governed(req.GetResource())
	if err != nil {
		return nil, err
	}
	return s.policies.Get(rpc.Caller(ctx), name, exists)
}

// SetIamPolicy replaces it.
func (s *Server) SetIamPolicy(ctx context.Context, req *iampb.SetIamPolicyRequest) (*iampb.Policy, error) {
	name, exists, err := s.governed(req.GetResource())
	if err != nil {
		return nil, err
	}
	return s.policies.Set(rpc.Caller(ctx), name, exists, req.GetPolicy())
}

// TestIamPermissions tells which permissions the caller has on a queue.
func (s *Server) TestIamPermissions(ctx context.Context, req *iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	name, exists, err := s.governed(req.GetResource())
	if err != nil {
		return nil, err
	}
	return s.policies.Test(rpc.Caller(ctx), name, exists, req.GetPermissions()), nil
}

// governed is a queue as the thing that a policy is on.
func (s *Server) governed(text string) (name string, exists bool, err error) {
	q, err := s.queueName(text)
	if err != nil {
		return "", false, err
	}
	_, exists = s.lookup(q)
	return q.String(), exists, nil
}
