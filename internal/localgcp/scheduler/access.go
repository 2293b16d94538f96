package scheduler

import (
	"context"
	"fmt"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

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
	permissionCreate = "cloudscheduler.jobs.create"
	permissionGet    = "cloudscheduler.jobs.get"
	permissionList   = "cloudscheduler.jobs.list"
	permissionUpdate = "cloudscheduler.jobs.update"
	permissionDelete = "cloudscheduler.jobs.delete"
	permissionPause  = "cloudscheduler.jobs.pause"
	permissionResume = "cloudscheduler.jobs.enable"
	permissionRun    = "cloudscheduler.jobs.run"
	// permissionPublish is what the service agent needs on a topic.
	permissionPublish = "pubsub.topics.publish"
)

// domain is that of error reasons.
const domain = "cloudscheduler.googleapis.com"

func (s *Service) authorize(ctx context.Context, permission string, on parent) error {
	if !s.policy.Allowed(rpc.Caller(ctx), permission, on.resource()) {
		return lacking(permission, on.String())
	}
	return nil
}

// authorizeJob does the same for a job's name.
func (s *Service) authorizeJob(ctx context.Context, permission, name string) error {
	in, err := parseName(name)
	if err != nil {
		return err
	}
	return s.authorize(ctx, permission, in)
}

// mayActAs refuses a caller who would have a job call as an account that they may
// not act as.
func (s *Service) mayActAs(ctx context.Context, job *schedulerpb.Job) error {
	email := accountOf(job)
	if email == "" {
		return nil
	}
	account, ok := s.policy.Lookup(email)
	if ok && account.Kind == iam.ServiceAccount && s.policy.Allowed(rpc.Caller(ctx), iam.ActAs, account.Resource()) {
		return nil
	}
	return lacking(iam.ActAs, email)
}

// accountOf is the account that a job calls as, empty for none.
func accountOf(job *schedulerpb.Job) string {
	target := job.GetHttpTarget()
	if oauth := target.GetOauthToken(); oauth != nil {
		return oauth.GetServiceAccountEmail()
	}
	return target.GetOidcToken().GetServiceAccountEmail()
}

// lacking is Cloud Scheduler's own wording.
func lacking(permission, resource string) error {
	return rpc.WithReason(codes.PermissionDenied,
		fmt.Sprintf("The principal (user or service account) lacks IAM permission %q for the resource %q (or the resource may not exist).", permission, resource),
		&errdetails.ErrorInfo{
			Reason:   "IAM_PERMISSION_DENIED",
			Domain:   domain,
			Metadata: map[string]string{"permission": permission, "resource": resource},
		})
}
