package diagnose

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/exitcode"
)

// Error explains why there is no answer.
func Error(err error) Finding {
	var refused *auth.Error
	var unreachable *auth.UnreachableError
	var none *auth.NoCredentialsError
	var policy *call.PolicyError
	var broken *call.Error
	switch {
	case errors.As(err, &refused):
		return refusal(refused)
	case errors.As(err, &unreachable):
		return Finding{Cause: err.Error(), Cure: reachCure(unreachable), Code: exitcode.Unreachable}
	case errors.As(err, &none):
		return Finding{Cause: err.Error(), Cure: credentialsCure(err), Code: exitcode.Identity}
	case errors.As(err, &policy):
		return Finding{Cause: err.Error(), Code: exitcode.Usage}
	case errors.As(err, &broken):
		return Finding{Cause: err.Error(), Cure: connectCure(broken), Code: exitcode.Unreachable}
	case errors.Is(err, context.DeadlineExceeded):
		return Finding{Cause: "the time ran out before there was a credential: " + err.Error(), Cure: "raise timeout_seconds", Code: exitcode.Unreachable}
	}
	return Finding{Cause: err.Error(), Code: exitcode.Unreachable}
}

func credentialsCure(err error) string {
	switch {
	case errors.Is(err, auth.ErrNoAccount):
		return "set service_account to the account to call as; a user has no ID token for a service"
	case errors.Is(err, fs.ErrNotExist), strings.Contains(err.Error(), "GOOGLE_APPLICATION_CREDENTIALS"):
		return "point GOOGLE_APPLICATION_CREDENTIALS at a credentials file, or unset it"
	}
	return "gcloud auth application-default login (on a laptop), or run under a service account"
}

func reachCure(e *auth.UnreachableError) string {
	switch {
	case strings.Contains(e.Server, "metadata"):
		return "check GCE_METADATA_HOST and the network policies of the pod; off Google Cloud, gcloud auth application-default login"
	default:
		return "check that this network reaches Google's APIs (Private Google Access, HTTPS_PROXY)"
	}
}

// refusal explains an answer of the IAM Credentials API or the metadata server.
func refusal(e *auth.Error) Finding {
	f := Finding{Cause: e.Error(), Code: exitcode.Identity}
	switch {
	case e.Reason == "SERVICE_DISABLED":
		f.Cure = "gcloud services enable " + disabled(e) + project(e.Metadata["consumer"])
	case e.Reason == "USER_PROJECT_DENIED", strings.Contains(e.Message, "required permission to use project"):
		f.Cure = "gcloud projects add-iam-policy-binding QUOTA_PROJECT --member=" + member(e.Principal) +
			" --role=roles/serviceusage.serviceUsageConsumer, or take quota_project_id out of the credentials"
	case strings.Contains(e.Message, "prohibited by organization's policy"):
		f.Cure = "a VPC Service Controls perimeter stands between: allow " + disabled(e) + " in it, or add an egress rule"
	case strings.Contains(e.Message, "Unable to generate access token"), strings.Contains(e.Message, "missing IAM policy binding"):
		f.Cure = "gcloud iam service-accounts add-iam-policy-binding GOOGLE_ACCOUNT --role=roles/iam.workloadIdentityUser" +
			" --member='serviceAccount:PROJECT.svc.id.goog[NAMESPACE/KUBERNETES_ACCOUNT]'"
	case e.Reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		f.Cure = "run the pipeline under a service account of your own (authpipe submit --service-account), whose token has the cloud-platform scope"
	case strings.Contains(e.Resource, "/secrets/") && e.Status < http.StatusInternalServerError:
		f.Cure = secretCure(e)
	case e.Status == http.StatusNotFound && e.Account != "":
		f.Cure = "check service_account: gcloud iam service-accounts describe " + e.Account
	case e.Status == http.StatusNotFound && strings.Contains(e.Message, "GCE metadata"):
		f.Cure = "give this machine or step a service account, for it has none"
	case e.Status == http.StatusForbidden && e.Account != "":
		f.Cure = grant(e)
	case e.Status == http.StatusForbidden:
		f.Cure = "bind the Kubernetes service account to a Google one (roles/iam.workloadIdentityUser), or check the machine's service account"
	case e.Status == http.StatusUnauthorized:
		f.Cure = "the ambient credentials are stale or revoked: gcloud auth application-default login, or restart the step"
	case strings.Contains(e.Message, "in a reasonable timeframe"):
		f.Cure = "set this machine's clock, which differs from Google's"
	case e.Status == http.StatusBadRequest && e.Account == "":
		f.Cure = "the ambient credentials are revoked, or their key is gone: make new ones"
	case e.Status == http.StatusBadRequest:
		f.Cure = "check service_account, audience and delegates"
	case e.Status == http.StatusTooManyRequests, e.Status >= http.StatusInternalServerError:
		f.Code = exitcode.Unreachable
		f.Cure = "try again later; one step mints one token an hour, so look for many steps at the same time"
	}
	return f
}

// secretCure is about a secret version that was not to be had.
func secretCure(e *auth.Error) string {
	parts := strings.Split(e.Resource, "/")
	at := slices.Index(parts, "secrets")
	name := parts[at+1] + " --project=" + parts[1]
	if region := slices.Index(parts, "locations"); region >= 0 {
		name += " --location=" + parts[region+1]
	}
	if e.Status == http.StatusForbidden {
		return "gcloud secrets add-iam-policy-binding " + name + " --member=" + member(e.Principal) + " --role=roles/secretmanager.secretAccessor"
	}
	return "check the version: gcloud secrets versions list " + name
}

// disabled is the API that is off: what Google says, or the one that was asked.
func disabled(e *auth.Error) string {
	if service := e.Metadata["service"]; service != "" {
		return service
	}
	if strings.Contains(e.Resource, "/secrets/") {
		return "secretmanager.googleapis.com"
	}
	return "iamcredentials.googleapis.com"
}

func member(principal string) string {
	switch {
	case principal == "":
		return "MEMBER"
	case isWorkload(principal): // whose subject may hold anything
		one := strings.Replace(principal, "principalSet://", "principal://", 1)
		if pool, unknown := strings.CutSuffix(one, "/*"); unknown {
			one = pool + "/subject/SUBJECT"
		}
		return "'" + strings.ReplaceAll(one, "'", `'\''`) + "'"
	case strings.HasSuffix(principal, ".gserviceaccount.com"):
		return "serviceAccount:" + principal
	default:
		return "user:" + principal
	}
}

// isWorkload knows a workload by its name, or by that of its pool where no more
// is known of it.
func isWorkload(principal string) bool {
	return strings.HasPrefix(principal, "principal://") || strings.HasPrefix(principal, "principalSet://")
}

func project(consumer string) string {
	id, found := strings.CutPrefix(consumer, "projects/")
	switch {
	case !found:
		return ""
	case strings.HasSuffix(id, "-tp"):
		return " in a project of yours, and run under a service account of yours: " + id + " is a tenant project of Vertex AI"
	}
	return " --project=" + id
}
