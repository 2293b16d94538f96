package iam

import (
	"maps"
	"slices"
)

// Permissions that the local services ask for.
const (
	ActAs              = "iam.serviceAccounts.actAs"
	GetAccessToken     = "iam.serviceAccounts.getAccessToken"
	GetOpenIDToken     = "iam.serviceAccounts.getOpenIdToken"
	GetServiceAccount  = "iam.serviceAccounts.get"
	ImplicitDelegation = "iam.serviceAccounts.implicitDelegation"
	SignBlob           = "iam.serviceAccounts.signBlob"
	SignJWT            = "iam.serviceAccounts.signJwt"
	InvokeRun          = "run.routes.invoke"
	AccessViaIAP       = "iap.webServiceVersions.accessViaIAP"
	UseServices        = "serviceusage.services.use"
	EnableServices     = "serviceusage.services.enable"
	CreateAccount      = "iam.serviceAccounts.create"
	ListAccounts       = "iam.serviceAccounts.list"
	GetProject         = "resourcemanager.projects.get"
	AccessSecret       = "secretmanager.versions.access"
	InvokeFunction     = "cloudfunctions.functions.invoke"
	GetFunction        = "cloudfunctions.functions.get"
)

// policies are the permissions to read and to replace the policies of resources.
func policies(resources ...string) []string {
	var all []string
	for _, r := range resources {
		all = append(all, r+".getIamPolicy", r+".setIamPolicy")
	}
	return all
}

var (
	readSecrets    = []string{"secretmanager.versions.list", "secretmanager.versions.get"}
	readPipelines  = []string{"aiplatform.pipelineJobs.get", "aiplatform.pipelineJobs.list"}
	writePipelines = []string{"aiplatform.pipelineJobs.create", "aiplatform.pipelineJobs.cancel", "aiplatform.pipelineJobs.delete"}
)

// roles are Google's predefined roles, cut down to the permissions that the
// local services ask for.
var roles = with(senderRoles(), map[string][]string{
	"roles/iam.serviceAccountOpenIdTokenCreator": {GetOpenIDToken},
	"roles/iam.serviceAccountTokenCreator":       {GetServiceAccount, ListAccounts, GetAccessToken, GetOpenIDToken, ImplicitDelegation, SignBlob, SignJWT},
	"roles/iam.serviceAccountUser":               {GetServiceAccount, ListAccounts, ActAs},
	"roles/iam.serviceAccountViewer":             {GetServiceAccount, ListAccounts},
	"roles/iam.workloadIdentityUser":             {GetServiceAccount, ListAccounts, GetAccessToken, GetOpenIDToken},
	"roles/run.invoker":                          {InvokeRun},
	"roles/iap.httpsResourceAccessor":            {AccessViaIAP},
	"roles/aiplatform.viewer":                    readPipelines,
	"roles/aiplatform.user":                      slices.Concat(readPipelines, writePipelines),
	"roles/iam.serviceAccountAdmin":              slices.Concat([]string{GetServiceAccount, ListAccounts, CreateAccount}, policies("iam.serviceAccounts")),
	"roles/run.admin":                            slices.Concat([]string{InvokeRun}, policies("run.services")),
	"roles/iap.admin":                            policies("iap.webServices"),
	"roles/cloudfunctions.invoker":               {InvokeFunction},
	"roles/cloudfunctions.admin":                 slices.Concat([]string{InvokeFunction, GetFunction}, policies("cloudfunctions.functions")),
	"roles/secretmanager.secretAccessor":         {AccessSecret},
	"roles/secretmanager.viewer":                 readSecrets,
	"roles/secretmanager.admin":                  slices.Concat([]string{AccessSecret}, readSecrets, policies("secretmanager.secrets")),
	"roles/resourcemanager.projectIamAdmin":      slices.Concat([]string{GetProject}, policies("resourcemanager.projects")),
	"roles/browser":                              {GetProject},
	"roles/serviceusage.serviceUsageAdmin":       {UseServices, EnableServices},
	"roles/serviceusage.serviceUsageConsumer":    {UseServices},
	"roles/viewer":                               slices.Concat(readPipelines, readSenders, []string{GetServiceAccount, ListAccounts}),
	"roles/editor":                               slices.Concat(readPipelines, writePipelines, manageSenders, []string{GetServiceAccount, ListAccounts, ActAs, UseServices}),
	"roles/owner": slices.Concat(readPipelines, writePipelines, ownSenders, []string{GetServiceAccount, ListAccounts, ActAs, UseServices, InvokeRun, InvokeFunction, GetFunction, EnableServices, CreateAccount, GetProject, AccessSecret}, readSecrets,
		policies("iam.serviceAccounts", "run.services", "iap.webServices", "cloudfunctions.functions", "secretmanager.secrets", "resourcemanager.projects")),
})

func with(more, all map[string][]string) map[string][]string {
	maps.Copy(all, more)
	return all
}

// Roles lists the roles that a binding may name.
func Roles() []string { return slices.Sorted(maps.Keys(roles)) }
