package rights

import (
	"fmt"
	"strings"

	"github.com/authcall/authcall/internal/sender"
)

// Kind is a kind of resource that has a policy.
type Kind string

// The kinds of resources.
const (
	Account    Kind = "service account"
	Project    Kind = "project"
	RunService Kind = "Cloud Run service"
	Function   Kind = "function"
	IAPService Kind = "backend service behind IAP"
	// Topic and Subscription are those of Pub/Sub.
	Topic        Kind = "topic"
	Subscription Kind = "subscription"
)

// Resource is something that has a policy.
type Resource struct {
	Kind Kind
	// ID is the account's email, the project's id, or the name within its project.
	ID string
	// Project and Region are where a service is; a project is in itself.
	Project, Region string
}

// AccountResource is a service account. Its project is in its email, but for the
// default accounts that Google makes.
func AccountResource(email string) Resource {
	r := Resource{Kind: Account, ID: email}
	_, domain, _ := strings.Cut(email, "@")
	if project, ok := strings.CutSuffix(domain, ".iam.gserviceaccount.com"); ok {
		r.Project = project
	}
	return r
}

// ProjectResource is a project.
func ProjectResource(id string) Resource { return Resource{Kind: Project, ID: id, Project: id} }

// messaging is a topic or a subscription by its resource name,
// projects/PROJECT/…/ID.
func messaging(kind Kind, name string) Resource {
	project, _, _ := strings.Cut(strings.TrimPrefix(name, "projects/"), "/")
	return Resource{Kind: kind, ID: sender.ID(name), Project: project}
}

// Name is the resource's name in its API; the number is that of its project,
// which only IAP needs.
func (r Resource) Name(projectNumber string) string {
	switch r.Kind {
	case Account:
		project := r.Project
		if project == "" {
			project = "-"
		}
		return "projects/" + project + "/serviceAccounts/" + r.ID
	case RunService:
		return "projects/" + r.Project + "/locations/" + r.Region + "/services/" + r.ID
	case Function:
		return "projects/" + r.Project + "/locations/" + r.Region + "/functions/" + r.ID
	case Topic:
		return "projects/" + r.Project + "/topics/" + r.ID
	case Subscription:
		return "projects/" + r.Project + "/subscriptions/" + r.ID
	case IAPService:
		return "projects/" + projectNumber + "/iap_web/compute/services/" + r.ID
	default:
		return r.ID
	}
}

func (r Resource) String() string {
	if r.Region != "" {
		return fmt.Sprintf("%s %s in %s", r.Kind, r.ID, r.Region)
	}
	return string(r.Kind) + " " + r.ID
}

// Binding gives a member a role on a resource.
type Binding struct {
	Resource Resource
	Role     string
	Member   string
}

// Command is the gcloud command that makes the binding.
func (b Binding) Command() string {
	r := b.Resource
	var what string
	switch r.Kind {
	case Account:
		what = "iam service-accounts add-iam-policy-binding " + r.ID
	case RunService:
		what = "run services add-iam-policy-binding " + r.ID + " --region=" + r.Region
	case Function:
		what = "functions add-iam-policy-binding " + r.ID + " --region=" + r.Region + " --no-gen2"
	case Topic, Subscription:
		what = "pubsub " + string(r.Kind) + "s add-iam-policy-binding " + r.ID
	case IAPService:
		what = "iap web add-iam-policy-binding --resource-type=backend-services --service=" + r.ID
	default:
		return fmt.Sprintf("gcloud projects add-iam-policy-binding %s --member=%s --role=%s --condition=None", r.ID, b.Member, b.Role)
	}
	if r.Project != "" {
		what += " --project=" + r.Project
	}
	return fmt.Sprintf("gcloud %s --member=%s --role=%s", what, b.Member, b.Role)
}

func (b Binding) String() string {
	return fmt.Sprintf("%s for %s on %s", b.Role, b.Member, b.Resource)
}
