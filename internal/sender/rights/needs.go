package rights

import (
	"fmt"
	"slices"

	"github.com/authcall/authcall/internal/sender"
)

// Setup is a sender that is to call a target.
type Setup struct {
	API API
	// Project is the sender's, by its id.
	Project string
	// ProjectNumber names the service agent; see Checker.Number.
	ProjectNumber string
	// Caller is who sets the sender up, as policies name it; it may be empty.
	Caller string
	// Token is what the sender sends.
	Token sender.Token
	// URL is what is called.
	URL string
	// Target is who answers; see GuessTarget where that is unknown.
	Target Target
	// Disabled tells that the API has been found switched off.
	Disabled bool
	// DeadLetters are where a subscription of Pub/Sub puts what it cannot deliver, nil
	// where it does not.
	DeadLetters *DeadLetters
	// RunAs is the account that a pipeline runs as which the call starts; empty
	// where it starts none.
	RunAs string

	// numberless says why there is no number.
	numberless string
}

// Need is one right that it takes.
type Need struct {
	// Name says what it is, for people.
	Name string
	// Binding gives it on the narrowest resource.
	Binding Binding
	// test is the permission that the caller itself is asked about.
	test string
	// roles give it too, on the binding's resource and on those above.
	roles []string
	// blind says why it cannot be told who has it; it is empty where that can be.
	blind string
	// optional tells that calls are made without it.
	optional bool
	// above are further resources whose bindings give it.
	above []Resource
}

// OfCaller tells whether it is the right of whoever sets the sender up.
func (n Need) OfCaller() bool { return n.test != "" }

const (
	openIDCreator = "roles/iam.serviceAccountOpenIdTokenCreator"
	tokenCreator  = "roles/iam.serviceAccountTokenCreator"
	accountUser   = "roles/iam.serviceAccountUser"
	owner         = "roles/owner"
)

// Needs lists the rights that a setup takes, each once; without an account it takes
// none.
func (s Setup) Needs() []Need {
	if s.Token.ServiceAccount == "" {
		return nil
	}
	needs := []Need{s.actAs(), s.mint()}
	needs = append(needs, s.invoke()...)
	if s.RunAs != "" && s.RunAs != s.Token.ServiceAccount {
		account := AccountResource(s.RunAs)
		needs = append(needs, Need{
			Name:    s.Token.ServiceAccount + " may start pipelines as " + s.RunAs,
			Binding: Binding{account, accountUser, s.member()},
			roles:   []string{accountUser, owner, "roles/editor"}, above: projectsOf(account),
		})
	}
	if s.DeadLetters != nil {
		needs = append(needs, s.deadLetters()...)
	}
	return needs
}

func (s Setup) member() string { return "serviceAccount:" + s.Token.ServiceAccount }

func (s Setup) actAs() Need {
	who := s.Caller
	if who == "" {
		who = `"user:$(gcloud config get account)"`
	}
	return Need{
		Name:    "you may set up what calls as " + s.Token.ServiceAccount,
		Binding: Binding{AccountResource(s.Token.ServiceAccount), accountUser, who},
		test:    "iam.serviceAccounts.actAs",
	}
}

// mint is the service agent's right. Where Google's own grant was taken away, or the
// account is in another project, the agent needs it on the account.
func (s Setup) mint() Need {
	account := AccountResource(s.Token.ServiceAccount)
	role, roles := openIDCreator, []string{s.API.agentRole, openIDCreator, tokenCreator, "roles/iam.workloadIdentityUser"}
	if s.Token.Scope != "" {
		role, roles = tokenCreator, []string{s.API.agentRole, tokenCreator, "roles/iam.workloadIdentityUser"}
	}
	return Need{
		Name:    fmt.Sprintf("%s may mint tokens of %s", s.API.Title, s.Token.ServiceAccount),
		Binding: Binding{account, role, s.API.Agent(s.ProjectNumber)},
		roles:   roles, above: projectsOf(account), blind: s.numberless,
	}
}

func projectsOf(r Resource) []Resource {
	if r.Project == "" {
		return nil
	}
	return []Resource{ProjectResource(r.Project)}
}

// invoke is the account's right on the target, where IAM decides on that.
func (s Setup) invoke() []Need {
	service := s.Target.Service
	need := Need{
		Name:    fmt.Sprintf("%s may call the %s", s.Token.ServiceAccount, service),
		Binding: Binding{Resource: service, Member: s.member()},
		above:   projectsOf(service),
	}
	switch s.Target.Kind {
	case CloudRun, Gen2:
		need.Binding.Role = "roles/run.invoker"
		need.roles = []string{"roles/run.servicesInvoker", "roles/run.admin", owner}
	case Gen1:
		need.Binding.Role = "roles/cloudfunctions.invoker"
		need.roles = []string{"roles/cloudfunctions.admin", owner}
	case IAP:
		need.Binding.Role = "roles/iap.httpsResourceAccessor"
	case Vertex:
		need.Name = s.Token.ServiceAccount + " may submit pipelines"
		need.Binding.Resource, need.Binding.Role = ProjectResource(s.Project), "roles/aiplatform.user"
		need.roles, need.above = []string{"roles/aiplatform.admin", "roles/editor", owner}, nil
	default:
		return nil
	}
	need.roles = append(need.roles, need.Binding.Role)
	return []Need{need}
}

// given lists the resources whose policies may give the right.
func (n Need) given() []Resource { return slices.Concat([]Resource{n.Binding.Resource}, n.above) }
