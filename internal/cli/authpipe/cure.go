package authpipe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/authcall/authcall/internal/vertex"
)

const cureCredentials = "gcloud auth application-default login"

// explain says as whom a call failed and adds what mends it.
func (s *session) explain(ctx context.Context, err error) error {
	e, ok := errors.AsType[*vertex.Error](err)
	if !ok {
		return err
	}
	who := s.principal(ctx)
	named := *e
	named.Op += as(who)
	if e.Kind == vertex.Unavailable {
		named.Op += s.target.at()
	}
	return withCure(&named, cure(e, s.target, who))
}

// as says as whom something is done, where that is known.
func as(who string) string {
	if who == "" {
		return ""
	}
	return " as " + who
}

// member names whom a policy is to let in, by gcloud where it is not known.
func member(who string) string {
	if who == "" {
		return `"user:$(gcloud config get account)"`
	}
	return who
}

// cure is the command or the change that mends a failure, "" where none is known.
func cure(e *vertex.Error, t target, who string) string {
	who = member(who)
	switch {
	case e.Reason == "SERVICE_DISABLED":
		return "gcloud services enable aiplatform.googleapis.com --project=" + t.project
	case e.Kind == vertex.Credentials, e.Reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		return cureCredentials
	case e.Kind == vertex.ActAs:
		return bindAccount(e.ServiceAccount, who, "roles/iam.serviceAccountUser") + borrow(e.ServiceAccount, t.project)
	case e.Kind == vertex.Permission:
		return fmt.Sprintf("gcloud projects add-iam-policy-binding %s --member=%s --role=roles/aiplatform.user", t.project, who)
	case e.Kind == vertex.Quota:
		return "wait a minute, or ask for more at https://console.cloud.google.com/iam-admin/quotas?project=" + t.project
	case e.Kind == vertex.Exists:
		return "give another --job-id, or none"
	case e.Kind == vertex.NotFound && t.local():
		return "`authpipe runs list --local` shows the runs"
	case e.Kind == vertex.NotFound:
		return "check --project, --location and the run's name; `authpipe runs list` shows the runs"
	case e.Kind == vertex.Unavailable && strings.Contains(e.Message, "x509: "):
		return "if a proxy of this network inspects TLS, name the PEM file of its authority in SSL_CERT_FILE"
	case e.Kind == vertex.Unavailable && strings.Contains(e.Message, "proxy"):
		return "check HTTPS_PROXY and NO_PROXY, or let this host through"
	case e.Kind == vertex.Unavailable && t.endpoint != "":
		return "check AUTHPIPE_VERTEX_ENDPOINT, which names " + t.endpoint
	case e.Kind == vertex.Unavailable:
		return "check that --location " + t.location + " is a region of Vertex AI, and that this network reaches it"
	default:
		return ""
	}
}

// bindAccount is the command that gives a member a role on a service account.
func bindAccount(account, who, role string) string {
	command := "gcloud iam service-accounts add-iam-policy-binding " + account
	if project := projectOf(account); project != "" { // gcloud looks in the caller's own one otherwise
		command += " --project=" + project
	}
	return command + " --member=" + who + " --role=" + role
}

// borrow is what it takes beside that for an account of another project.
func borrow(account, project string) string {
	home := projectOf(account)
	if home == "" || home == project {
		return ""
	}
	agent := `"serviceAccount:service-$(gcloud projects describe ` + project + ` --format='value(projectNumber)')@gcp-sa-aiplatform-cc.iam.gserviceaccount.com"`
	return "; as the account is of another project also: gcloud resource-manager org-policies disable-enforce iam.disableCrossProjectServiceAccountUsage --project=" + home +
		" && " + bindAccount(account, agent, "roles/iam.serviceAccountTokenCreator")
}

// projectOf is an account's project where its email names it.
func projectOf(account string) string {
	_, domain, _ := strings.Cut(account, "@")
	if project, ok := strings.CutSuffix(domain, ".iam.gserviceaccount.com"); ok {
		return project
	}
	return ""
}
