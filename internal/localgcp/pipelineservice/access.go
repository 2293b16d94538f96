package pipelineservice

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

// Authenticator knows whom an access token belongs to.
type Authenticator interface {
	Authenticate(token string) (iam.Principal, error)
}

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

// Domains of error reasons.
const (
	domainAPIs       = "googleapis.com"
	domainAIPlatform = "aiplatform.googleapis.com"
)

// authorize finds out who calls and whether they may.
func (s *Service) authorize(ctx context.Context, permission string, on parent) (iam.Principal, error) {
	caller, err := s.authenticate(ctx)
	if err != nil {
		return iam.Principal{}, err
	}
	if !s.policy.Allowed(caller, permission, "projects/"+on.project) {
		return iam.Principal{}, denied(permission, on)
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

func (s *Service) authenticate(ctx context.Context) (iam.Principal, error) {
	const expected = " Expected OAuth 2 access token, login cookie or other valid authentication credential."
	token, ok := bearer(ctx)
	if !ok {
		return iam.Principal{}, withReason(codes.Unauthenticated, "Request is missing required authentication credential."+expected,
			&errdetails.ErrorInfo{Reason: "CREDENTIALS_MISSING", Domain: domainAPIs})
	}
	caller, err := s.authenticator.Authenticate(token)
	if err != nil {
		reason := "ACCESS_TOKEN_TYPE_UNSUPPORTED"
		if errors.Is(err, iam.ErrExpiredToken) {
			reason = "ACCESS_TOKEN_EXPIRED"
		}
		return iam.Principal{}, withReason(codes.Unauthenticated, "Request had invalid authentication credentials."+expected,
			&errdetails.ErrorInfo{Reason: reason, Domain: domainAPIs})
	}
	if !caller.HasScope(iam.CloudPlatform) {
		return iam.Principal{}, withReason(codes.PermissionDenied, "Request had insufficient authentication scopes.",
			&errdetails.ErrorInfo{Reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT", Domain: domainAPIs})
	}
	return caller, nil
}

func bearer(ctx context.Context) (token string, ok bool) {
	md, _ := metadata.FromIncomingContext(ctx)
	values := md.Get("authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

func denied(permission string, on parent) error {
	resource := "//" + domainAIPlatform + "/" + on.String()
	return withReason(codes.PermissionDenied, "Permission '"+permission+"' denied on resource '"+resource+"' (or it may not exist).",
		&errdetails.ErrorInfo{
			Reason:   "IAM_PERMISSION_DENIED",
			Domain:   domainAIPlatform,
			Metadata: map[string]string{"permission": permission, "resource": on.String()},
		})
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

func withReason(code codes.Code, message string, info *errdetails.ErrorInfo) error {
	plain := status.New(code, message)
	detailed, err := plain.WithDetails(info)
	if err != nil { // only for the code OK
		return plain.Err()
	}
	return detailed.Err()
}
