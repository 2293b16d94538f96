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
)

const listServiceAccounts = "iam.serviceAccounts.list"

var (
	readPipelines  = []string{"aiplatform.pipelineJobs.get", "aiplatform.pipelineJobs.list"}
	writePipelines = []string{"aiplatform.pipelineJobs.create", "aiplatform.pipelineJobs.cancel", "aiplatform.pipelineJobs.delete"}
)

// roles are Google's predefined roles, cut down to the permissions that the
// local services ask for.
var roles = map[string][]string{
	"roles/iam.serviceAccountOpenIdTokenCreator": {GetOpenIDToken},
	"roles/iam.serviceAccountTokenCreator":       {GetServiceAccount, listServiceAccounts, GetAccessToken, GetOpenIDToken, ImplicitDelegation, SignBlob, SignJWT},
	"roles/iam.serviceAccountUser":               {GetServiceAccount, listServiceAccounts, ActAs},
	"roles/iam.serviceAccountViewer":             {GetServiceAccount, listServiceAccounts},
	"roles/iam.workloadIdentityUser":             {GetServiceAccount, listServiceAccounts, GetAccessToken, GetOpenIDToken},
	"roles/run.invoker":                          {InvokeRun},
	"roles/iap.httpsResourceAccessor":            {AccessViaIAP},
	"roles/aiplatform.viewer":                    readPipelines,
	"roles/aiplatform.user":                      slices.Concat(readPipelines, writePipelines),
	"roles/serviceusage.serviceUsageConsumer":    {UseServices},
	"roles/viewer":                               slices.Concat(readPipelines, []string{GetServiceAccount, listServiceAccounts}),
	"roles/editor":                               slices.Concat(readPipelines, writePipelines, []string{GetServiceAccount, listServiceAccounts, ActAs, UseServices}),
	"roles/owner":                                slices.Concat(readPipelines, writePipelines, []string{GetServiceAccount, listServiceAccounts, ActAs, UseServices, InvokeRun}),
}

// Roles lists the roles that a binding may name.
func Roles() []string { return slices.Sorted(maps.Keys(roles)) }
