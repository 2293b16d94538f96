package pubsub

import (
	"context"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/genproto/googleapis/api/annotations"

	"github.com/authcall/authcall/internal/localgcp/iampolicy"
	"github.com/authcall/authcall/internal/localgcp/rpc"
)

// Rules are the REST paths of the policies: those that the methods' own
// annotations do not have.
func Rules() []*annotations.HttpRule {
	const method = "google.iam.v1.IAMPolicy.GetIamPolicy"
	var rules []*annotations.HttpRule
	for _, kind := range []string{topics, subscriptions} {
		path := "/v1/{resource=projects/*/" + kind + "/*}:getIamPolicy"
		rules = append(rules, &annotations.HttpRule{Selector: method, Pattern: &annotations.HttpRule_Get{Get: path}})
	}
	return rules
}

// GetIamPolicy returns the policy of a topic or a subscription.
func (p policies) GetIamPolicy(ctx context.Context, req *iampb.GetIamPolicyRequest) (*iampb.Policy, error) {
	of, exists, err := p.of(req.GetResource())
	if err != nil {
		return nil, err
	}
	return of.Get(rpc.Caller(ctx), req.GetResource(), exists)
}

// SetIamPolicy replaces the policy of a topic or a subscription.
func (p policies) SetIamPolicy(ctx context.Context, req *iampb.SetIamPolicyRequest) (*iampb.Policy, error) {
	of, exists, err := p.of(req.GetResource())
	if err != nil {
		return nil, err
	}
	return of.Set(rpc.Caller(ctx), req.GetResource(), exists, req.GetPolicy())
}

// TestIamPermissions tells which of the permissions the caller has.
func (p policies) TestIamPermissions(ctx context.Context, req *iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	of, exists, err := p.of(req.GetResource())
	if err != nil {
		return nil, err
	}
	return of.Test(rpc.Caller(ctx), req.GetResource(), exists, req.GetPermissions()), nil
}

// of finds what a name is of.
func (p policies) of(resource string) (of iampolicy.RPC, exists bool, err error) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := topics
	if _, err := parseName(topics, resource); err == nil {
		_, exists = s.topics[resource]
	} else if _, err := parseName(subscriptions, resource); err == nil {
		kind = subscriptions
		_, exists = s.subscriptions[resource]
	} else {
		return iampolicy.RPC{}, false, invalidf("Invalid resource name: (name=%s), want a topic's or a subscription's.", resource)
	}
	return iampolicy.RPC{
		Permission: "pubsub." + kind,
		Directory:  s.policy,
		Denied:     func(permission, on string) error { return rpc.Denied(permission, on, domain) },
		NotFound:   notFound,
	}, exists, nil
}
