package diagnose

import (
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/auth"
)

const tokenCreator = "roles/iam.serviceAccountTokenCreator"

// grant is the command that lets the principal have the credential: the
// narrowest role that holds the permission, on the account itself.
func grant(e *auth.Error) string {
	role := tokenCreator
	switch p := e.Metadata["permission"]; {
	case p == "iam.serviceAccounts.implicitDelegation" && len(e.Delegates) > 0:
		return delegation(e)
	case p == "iam.serviceAccounts.getOpenIdToken", p == "" && e.Audience != "":
		role = "roles/iam.serviceAccountOpenIdTokenCreator"
	case p == "iam.serviceAccounts.getAccessToken" && isWorkload(e.Principal):
		role = "roles/iam.workloadIdentityUser"
	}
	asker := e.Principal
	if len(e.Delegates) > 0 {
		asker = e.Delegates[len(e.Delegates)-1]
	}
	return bind(e.Account, asker, role)
}

// delegation are the commands for a chain up to its last account. Google does not
// tell at which of them it broke; to grant what is granted changes nothing.
func delegation(e *auth.Error) string {
	chain := slices.Concat([]string{e.Principal}, e.Delegates)
	var commands []string
	for i, account := range e.Delegates {
		commands = append(commands, bind(account, chain[i], tokenCreator))
	}
	return strings.Join(commands, " && ")
}

func bind(account, principal, role string) string {
	return "gcloud iam service-accounts add-iam-policy-binding " + account +
		" --member=" + member(principal) + " --role=" + role
}
