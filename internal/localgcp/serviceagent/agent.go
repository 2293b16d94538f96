package serviceagent

import (
	"fmt"
	"time"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

// accessTokenLife is how long an access token is good.
const accessTokenLife = time.Hour

// Names of the senders that have a service agent.
const (
	Scheduler = "cloudscheduler"
	Tasks     = "cloudtasks"
	PubSub    = "pubsub"
)

// Names lists the senders that have a service agent.
func Names() []string { return []string{Scheduler, Tasks, PubSub} }

// Email is the address of a sender's service agent in the project of the number.
func Email(name, number string) string {
	return fmt.Sprintf("service-%s@gcp-sa-%s.iam.gserviceaccount.com", number, name)
}

// Role is the role that the sender's service agent has on the project.
func Role(name string) string { return "roles/" + name + ".serviceAgent" }

// Directory knows the accounts, who may do what, and makes access tokens.
type Directory interface {
	Lookup(email string) (iam.Principal, bool)
	Allowed(p iam.Principal, permission, resource string) bool
	AccessToken(p iam.Principal, scopes []string, life time.Duration) (string, time.Time, error)
}

// Issuer makes ID tokens.
type Issuer interface {
	IDToken(t issuer.IDToken) (string, error)
}

// Options are what an Agent is made of.
type Options struct {
	// Name is the sender's, one of Names.
	Name string
	// Number is that of the project.
	Number string
	// Directory holds the agent and the accounts that it mints for.
	Directory Directory
	// Issuer signs the ID tokens.
	Issuer Issuer
}

// Agent is a sender's service agent.
type Agent struct {
	name      string
	email     string
	directory Directory
	issuer    Issuer
}

// New makes the agent; it has no right that the directory does not give it.
func New(o Options) *Agent {
	return &Agent{name: o.Name, email: Email(o.Name, o.Number), directory: o.Directory, issuer: o.Issuer}
}

// Email is the agent's address.
func (a *Agent) Email() string { return a.email }

// Token is what a sender wants a credential for.
type Token struct {
	// ServiceAccount is the email of the account that the token shall be of.
	ServiceAccount string
	// Audience makes it an ID token for that audience.
	Audience string
	// Scope is that of an access token, where Audience is empty.
	Scope string
}

// permission is the one that the agent needs on the account.
func (t Token) permission() string {
	if t.Audience != "" {
		return iam.GetOpenIDToken
	}
	return iam.GetAccessToken
}

// Denied says that the agent lacks a permission on an account, or that there is
// no such account.
type Denied struct {
	// Agent is the email of the service agent.
	Agent string
	// Permission is the one that it lacks.
	Permission string
	// ServiceAccount is the account that it lacks it on.
	ServiceAccount string
	// Role would give it, on the project.
	Role string
}

func (d *Denied) Error() string {
	return fmt.Sprintf("service agent %s has no permission %s on %s (or it may not exist), want a binding of %s on the project",
		d.Agent, d.Permission, d.ServiceAccount, d.Role)
}

// Mint makes the token. An error that is a *Denied says that the agent may not;
// no error holds the token.
func (a *Agent) Mint(t Token) (string, error) {
	agent, known := a.directory.Lookup(a.email)
	account, exists := a.directory.Lookup(t.ServiceAccount)
	if !known || !exists || account.Kind != iam.ServiceAccount || !a.directory.Allowed(agent, t.permission(), account.Resource()) {
		return "", &Denied{Agent: a.email, Permission: t.permission(), ServiceAccount: t.ServiceAccount, Role: Role(a.name)}
	}
	if t.Audience != "" {
		return a.issuer.IDToken(issuer.IDToken{Subject: account.ID, Audience: t.Audience, Email: account.Email})
	}
	scope := t.Scope
	if scope == "" {
		scope = iam.CloudPlatform
	}
	token, _, err := a.directory.AccessToken(account, []string{scope}, accessTokenLife)
	return token, err
}
