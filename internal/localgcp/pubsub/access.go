package pubsub

import (
	"context"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/rpc"
)

// domain is the API's, as errors name it.
const domain = "pubsub.googleapis.com"

// Policy knows the accounts, who may do what, and the policies of resources;
// *iam.Directory is one.
type Policy interface {
	Lookup(email string) (iam.Principal, bool)
	Allowed(p iam.Principal, permission, resource string) bool
	Policy(resource string) iam.Policy
	SetPolicy(resource string, p iam.Policy, etag string) (iam.Policy, error)
}

// Permissions that the service asks for.
const (
	createTopics         = "pubsub.topics.create"
	getTopics            = "pubsub.topics.get"
	listTopics           = "pubsub.topics.list"
	updateTopics         = "pubsub.topics.update"
	deleteTopics         = "pubsub.topics.delete"
	publishTo            = "pubsub.topics.publish"
	attachTo             = "pubsub.topics.attachSubscription"
	detachFrom           = "pubsub.topics.detachSubscription"
	createSubscriptions  = "pubsub.subscriptions.create"
	getSubscriptions     = "pubsub.subscriptions.get"
	listSubscriptions    = "pubsub.subscriptions.list"
	updateSubscriptions  = "pubsub.subscriptions.update"
	deleteSubscriptions  = "pubsub.subscriptions.delete"
	consumeSubscriptions = "pubsub.subscriptions.consume"
)

// authorize refuses a caller who lacks the permission on the resource or above.
func (s *Service) authorize(ctx context.Context, permission, resource string) error {
	if !s.policy.Allowed(rpc.Caller(ctx), permission, resource) {
		return rpc.Denied(permission, resource, domain)
	}
	return nil
}

// named reads a name and asks for a permission on what it names.
func (s *Service) named(ctx context.Context, kind, text, permission string) error {
	if _, err := parseName(kind, text); err != nil {
		return err
	}
	return s.authorize(ctx, permission, text)
}

// project reads a project's name and asks for a permission on it.
func (s *Service) project(ctx context.Context, text, permission string) error {
	if err := parseProject(text); err != nil {
		return err
	}
	return s.authorize(ctx, permission, text)
}

// mayActAs refuses who may not attach the account to something.
func (s *Service) mayActAs(ctx context.Context, account string) error {
	a, ok := s.policy.Lookup(account)
	if !ok || a.Kind != iam.ServiceAccount || !s.policy.Allowed(rpc.Caller(ctx), iam.ActAs, a.Resource()) {
		return rpc.Denied(iam.ActAs, iam.AccountResource("-", account), "iam.googleapis.com")
	}
	return nil
}

// agentMay says whether Pub/Sub's service agent has a permission.
func (s *Service) agentMay(permission, resource string) bool {
	agent, ok := s.policy.Lookup(s.agent.Email())
	return ok && s.policy.Allowed(agent, permission, resource)
}
