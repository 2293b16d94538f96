package authpipe

import (
	"errors"
	"fmt"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender/rights"
)

// explain says as whom a call to a sender's API failed and adds what mends it.
func (s *oidcSession[M]) explain(err error) error {
	e, ok := errors.AsType[*gapi.Error](err)
	if !ok || is[*curedError](err) {
		return err
	}
	return withCure(s.named(err), s.cure(e))
}

// named says as whom a call failed.
func (s *oidcSession[M]) named(err error) error {
	e, ok := errors.AsType[*gapi.Error](err)
	if !ok {
		return err
	}
	named := *e
	named.Op += as(s.who)
	return &named
}

// cure is the command or the change that mends a failure, "" where none is known.
func (s *oidcSession[M]) cure(e *gapi.Error) string {
	k, project := s.kind, s.target.project
	switch {
	case e.Reason == serviceDisabled:
		return k.api.EnableCommand(project)
	case e.Kind == gapi.Credentials, e.Reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		return cureCredentials
	case e.Kind == gapi.ActAs:
		return rights.Binding{Resource: rights.AccountResource(e.ServiceAccount), Role: "roles/iam.serviceAccountUser", Member: member(s.who)}.Command()
	case e.Kind == gapi.Permission:
		return rights.Binding{Resource: rights.ProjectResource(project), Role: k.admin, Member: member(s.who)}.Command()
	case e.Kind == gapi.Quota:
		return "wait a minute, or ask for more at https://console.cloud.google.com/iam-admin/quotas?project=" + project
	case e.Kind == gapi.NotFound:
		return fmt.Sprintf("check the name and where it is; `authpipe oidc %s list` shows what there is", k.command)
	case e.Kind == gapi.Unavailable:
		return "check that this network reaches " + k.api.Service + ", or the endpoint that the environment names in its place"
	default:
		return ""
	}
}

// serviceDisabled is Google's word for an API that is not switched on.
const serviceDisabled = "SERVICE_DISABLED"

// oidcExitCode is the exit code of an error that only the senders' commands have.
func oidcExitCode(err error) (int, bool) {
	if e, ok := errors.AsType[*rights.GrantError](err); ok && e.Denied {
		return exitcode.Identity, true
	}
	if e, ok := errors.AsType[*rights.EnableError](err); ok && e.Denied {
		return exitcode.Identity, true
	}
	switch {
	case is[*rightsError](err):
		return exitcode.Identity, true
	case is[*attemptError](err):
		return exitcode.Failed, true
	default:
		return 0, false
	}
}
