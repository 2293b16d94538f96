package tasks

import (
	"context"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/rpc"
)

// Policy knows the accounts, who may do what, and the policies of queues;
// *iam.Directory is one.
type Policy interface {
	Lookup(email string) (iam.Principal, bool)
	Allowed(p iam.Principal, permission, resource string) bool
	Policy(resource string) iam.Policy
	SetPolicy(resource string, p iam.Policy, etag string) (iam.Policy, error)
}

// Permissions that the API asks for.
const (
	createQueue = "cloudtasks.queues.create"
	getQueue    = "cloudtasks.queues.get"
	listQueues  = "cloudtasks.queues.list"
	updateQueue = "cloudtasks.queues.update"
	deleteQueue = "cloudtasks.queues.delete"
	purgeQueue  = "cloudtasks.queues.purge"
	pauseQueue  = "cloudtasks.queues.pause"
	resumeQueue = "cloudtasks.queues.resume"
	createTask  = "cloudtasks.tasks.create"
	getTask     = "cloudtasks.tasks.get"
	listTasks   = "cloudtasks.tasks.list"
	deleteTask  = "cloudtasks.tasks.delete"
	runTask     = "cloudtasks.tasks.run"
	viewAll     = "cloudtasks.tasks.fullView"
)

// authorize refuses a caller who lacks a permission on the resource and above.
func (s *Server) authorize(ctx context.Context, permission, on string) error {
	if !s.policy.Allowed(rpc.Caller(ctx), permission, on) {
		return denied(permission, on)
	}
	return nil
}

// mayActAs refuses a caller who may not let tasks act as the accounts.
func (s *Server) mayActAs(ctx context.Context, accounts []string) error {
	for _, email := range accounts {
		if !s.policy.Allowed(rpc.Caller(ctx), iam.ActAs, iam.AccountResource(s.project, email)) {
			return denied(iam.ActAs, email)
		}
		if p, ok := s.policy.Lookup(email); !ok || p.Kind != iam.ServiceAccount || p.Project != s.project {
			return status.Errorf(codes.NotFound, "The service account %s does not exist in the project of the queue.", email)
		}
	}
	return nil
}

// denied refuses in this API's own words.
func denied(permission, on string) error {
	return rpc.WithReason(codes.PermissionDenied,
		fmt.Sprintf("The principal (user or service account) lacks IAM permission %q for the resource %q (or the resource may not exist).", permission, on),
		&errdetails.ErrorInfo{
			Reason:   "IAM_PERMISSION_DENIED",
			Domain:   Service,
			Metadata: map[string]string{"permission": permission, "resource": on},
		})
}

func internal(err error) error { return status.Error(codes.Internal, err.Error()) }
