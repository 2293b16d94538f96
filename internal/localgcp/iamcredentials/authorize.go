package iamcredentials

import (
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// accountPrefix is how the API names accounts: whose project is not for the
// caller to say.
const accountPrefix = "projects/-/serviceAccounts/"

// authorize goes along the chain: the caller must be allowed to delegate to the
// first account, that to the next, and the last one needs the permission on the
// target.
func (s *Server) authorize(caller iam.Principal, delegates []string, permission, target string) (iam.Principal, error) {
	actor := caller
	for _, name := range delegates {
		account, ok := strings.CutPrefix(name, accountPrefix)
		if !ok || checkAccountName(account) != nil {
			return iam.Principal{}, apierror.InvalidArgument("Invalid delegate '%s', want %sACCOUNT.", name, accountPrefix)
		}
		next, err := s.reach(actor, iam.ImplicitDelegation, account)
		if err != nil {
			return iam.Principal{}, err
		}
		actor = next
	}
	return s.reach(actor, permission, target)
}

// reach finds the account if the actor has the permission on it. That an account
// does not exist is told only to those who may see or use the accounts of its
// project.
func (s *Server) reach(actor iam.Principal, permission, account string) (iam.Principal, error) {
	target, ok := s.directory.Lookup(account)
	if !ok || target.Kind != iam.ServiceAccount {
		project, _ := iam.ProjectOf(account)
		gone := iam.AccountResource(project, account)
		if s.directory.Allowed(actor, permission, gone) || s.directory.Allowed(actor, iam.GetServiceAccount, gone) {
			return iam.Principal{}, missing(account)
		}
		return iam.Principal{}, apierror.PermissionDenied(permission)
	}
	if !s.directory.Allowed(actor, permission, target.Resource()) {
		return iam.Principal{}, apierror.PermissionDenied(permission)
	}
	return target, nil
}
