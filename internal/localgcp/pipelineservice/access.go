package pipelineservice

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/rpc"
)

// Policy knows the accounts and who may do what.
type Policy interface {
	Lookup(email string) (iam.Principal, bool)
	Allowed(p iam.Principal, permission, resource string) bool
}

// Permissions that the service asks for on a project.
const (
	permissionCreate = "aiplatform.pipelineJobs.create"
	permissionGet    = "aiplatform.pipelineJobs.get"
	permissionList   = "aiplatform.pipelineJobs.list"
	permissionCancel = "aiplatform.pipelineJobs.cancel"
	permissionDelete = "aiplatform.pipelineJobs.delete"
)

// domain is that of error reasons.
const domain = "aiplatform.googleapis.com"

// authorize finds out whether the caller may.
func (s *Service) authorize(ctx context.Context, permission string, on parent) (iam.Principal, error) {
	caller := rpc.Caller(ctx)
	if !s.policy.Allowed(caller, permission, "projects/"+on.project) {
		return iam.Principal{}, rpc.Denied(permission, on.String(), domain)
	}
	return caller, nil
}

// authorizeJob does the same for a job's name.
func (s *Service) authorizeJob(ctx context.Context, permission, name string) error {
	in, err := parseName(name)
	if err != nil {
		return err
	}
	_, err = s.authorize(ctx, permission, in)
	return err
}

// mayActAs refuses as Vertex AI does: with an invalid argument, and alike
// whether the account is missing, is of a project that lends none, or the
// permission is missing.
func (s *Service) mayActAs(caller iam.Principal, account string, in parent) error {
	a, ok := s.policy.Lookup(account)
	lent := s.foreign || a.Project == in.project
	if ok && lent && a.Kind == iam.ServiceAccount && s.policy.Allowed(caller, iam.ActAs, a.Resource()) {
		return nil
	}
	return status.Errorf(codes.InvalidArgument, "You do not have permission to act as service_account: %s. (or it may not exist).", account)
}
