package iamadmin

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// accountID is the form of what stands before the @.
const accountID = `^[a-z]([a-z0-9-]{4,28}[a-z0-9])$`

// creation is the body of a call that makes an account.
type creation struct {
	AccountID      string `json:"accountId"`
	ServiceAccount struct {
		DisplayName string `json:"displayName"`
		Description string `json:"description"`
	} `json:"serviceAccount"`
}

// create makes an account; what it is called for people is not kept.
func (s *Server) create(caller iam.Principal, r *http.Request) (any, error) {
	var asked creation
	if err := apifront.Decode(r, &asked); err != nil {
		return nil, err
	}
	project := r.PathValue("project")
	if !s.directory.Allowed(caller, iam.CreateAccount, "projects/"+project) {
		return nil, apierror.PermissionDenied(iam.CreateAccount)
	}
	if !regexp.MustCompile(accountID).MatchString(asked.AccountID) {
		return nil, apierror.InvalidArgument("The account ID %q does not have a length between 6 and 30, or is no lower-case word.", asked.AccountID)
	}
	account, err := s.directory.CreateAccount(iam.Account{Email: asked.AccountID + "@" + project + ".iam.gserviceaccount.com"})
	if errors.Is(err, iam.ErrExists) {
		return nil, &apierror.Error{Code: http.StatusConflict, Status: "ALREADY_EXISTS",
			Message: "Service account " + asked.AccountID + " already exists within project projects/" + project + "."}
	}
	return show(account), err
}

func (s *Server) list(caller iam.Principal, r *http.Request) (any, error) {
	project := r.PathValue("project")
	if !s.directory.Allowed(caller, iam.ListAccounts, "projects/"+project) {
		return nil, apierror.PermissionDenied(iam.ListAccounts)
	}
	accounts := []any{}
	for _, account := range s.directory.Accounts(project) {
		accounts = append(accounts, show(account))
	}
	return map[string]any{"accounts": accounts}, nil
}
