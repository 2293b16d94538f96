package localgcp

import (
	"time"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/metadata"
)

// Config declares what the local Google holds; default.yaml describes each
// field where it is used.
type Config struct {
	// Project is the id of the one project.
	Project string `yaml:"project"`
	// ProjectNumber is its number.
	ProjectNumber string `yaml:"project_number"`
	// Region is where its services are and its jobs run.
	Region string `yaml:"region"`
	// ClockOffsetSeconds is how far this Google's clock is ahead of the machine's.
	ClockOffsetSeconds int `yaml:"clock_offset_seconds"`
	// UniverseDomain is the domain of Google's APIs.
	UniverseDomain string `yaml:"universe_domain"`
	// Metadata is the kind of machine that the metadata servers describe.
	Metadata metadata.Mode `yaml:"metadata"`
	// MetadataStart is how a metadata server behaves at first.
	MetadataStart MetadataStart `yaml:"metadata_start"`
	// KubernetesAccount is the NAMESPACE/NAME of the Kubernetes service account
	// that pods on GKE run under; empty means one with every binding.
	KubernetesAccount string `yaml:"kubernetes_account"`
	// Accounts are the service accounts.
	Accounts []Account `yaml:"accounts"`
	// ForeignAccounts lets pipelines run under service accounts of other projects.
	ForeignAccounts bool `yaml:"foreign_accounts"`
	// Users are the emails of people.
	Users []string `yaml:"users"`
	// Submitter is the user or account whose credentials a local submission
	// uses.
	Submitter string `yaml:"submitter"`
	// PipelineAccount is the service account of the metadata server for other
	// clients, and of jobs that name none.
	PipelineAccount string `yaml:"pipeline_account"`
	// Bindings are the policies.
	Bindings []Binding `yaml:"bindings"`
	// Secrets are what Secret Manager holds.
	Secrets []Secret `yaml:"secrets"`
	// Credentials are the credentials files to write into the state directory.
	Credentials []Credentials `yaml:"credentials"`
	// Services are the applications with their front doors.
	Services []Service `yaml:"services"`
	// DisabledAPIs are names of APIs whose every call is refused.
	DisabledAPIs []string `yaml:"disabled_apis"`
	// Faults are calls that fail on purpose.
	Faults []Fault `yaml:"faults"`
}

// Account is a service account.
type Account struct {
	// Email is the account's address.
	Email string `yaml:"email"`
	// Scopes are those of its access tokens from a metadata server; empty means
	// cloud-platform.
	Scopes []string `yaml:"scopes"`
}

// MetadataStart makes a metadata server slow in its first moments.
type MetadataStart struct {
	// LateRequests is how many requests are answered late.
	LateRequests int `yaml:"late_requests"`
	// LateSeconds is how late those are, in seconds.
	LateSeconds float64 `yaml:"late_seconds"`
	// DefaultEmails is how many times the email is told as "default".
	DefaultEmails int `yaml:"default_emails"`
}

// Binding gives a role to members.
type Binding struct {
	// Role is a predefined role.
	Role string `yaml:"role"`
	// Resource is serviceAccounts/EMAIL, services/NAME, or empty for the
	// project.
	Resource string `yaml:"resource"`
	// Members have the role.
	Members []string `yaml:"members"`
}

// Secret is a secret of the project.
type Secret struct {
	// Name is the secret's id.
	Name string `yaml:"name"`
	// Versions are the payloads of versions 1, 2 and so on.
	Versions []string `yaml:"versions"`
	// Disabled are the numbers of versions that cannot be read.
	Disabled []int `yaml:"disabled"`
	// Accessors may read the secret.
	Accessors []string `yaml:"accessors"`
}

// Kind is the kind of front door that a service is behind.
type Kind string

// The kinds of front door.
const (
	CloudRun Kind = "cloudrun"
	// Function is one of the second generation, which runs on Cloud Run.
	Function Kind = "function"
	// FunctionGen1 is one of the first, whose URL has its name as the path.
	FunctionGen1 Kind = "function-gen1"
	IAP          Kind = "iap"
	APIGateway   Kind = "apigateway"
	Endpoints    Kind = "endpoints"
	Envoy        Kind = "envoy"
	Istio        Kind = "istio"
	// GoogleAPI takes access tokens, as Google's own APIs do.
	GoogleAPI Kind = "googleapi"
)

// Kinds lists the kinds of front door.
func Kinds() []Kind {
	return []Kind{CloudRun, Function, FunctionGen1, IAP, APIGateway, Endpoints, Envoy, Istio, GoogleAPI}
}

// Hosting is where an application behind IAP runs.
type Hosting string

// The places where an application behind IAP runs; on Cloud Run where nothing is
// said.
const (
	OnCloudRun         Hosting = "cloudrun"
	OnAppEngine        Hosting = "appengine"
	BehindLoadBalancer Hosting = "loadbalancer"
)

func hostings() []Hosting { return []Hosting{OnCloudRun, OnAppEngine, BehindLoadBalancer} }

// Service is an application behind a front door.
type Service struct {
	// Name is unique; it is part of the service's resource name.
	Name string `yaml:"name"`
	// Kind is the front door.
	Kind Kind `yaml:"kind"`
	// App is one of the example applications.
	App string `yaml:"app"`
	// Upstream is the URL of an application on this machine, in place of App.
	Upstream string `yaml:"upstream"`
	// Audiences are custom audiences beside the service's URL, or for IAP client
	// ids beside ClientID.
	Audiences []string `yaml:"audiences"`
	// ClientID is the OAuth client of an application behind IAP; empty means that
	// Google manages it, so that no ID token is taken.
	ClientID string `yaml:"client_id"`
	// AccessTokens lets access tokens through IAP that have the scopes openid and
	// email.
	AccessTokens bool `yaml:"access_tokens"`
	// Hosting is where an application behind IAP runs.
	Hosting Hosting `yaml:"hosting"`
	// Invokers may call a service or function; behind Envoy or Istio, where none
	// is named, everybody with a good token may.
	Invokers []string `yaml:"invokers"`
	// Accessors may reach an application behind IAP.
	Accessors []string `yaml:"accessors"`
	// Hidden makes a service or function answer 404 to everybody.
	Hidden bool `yaml:"hidden"`
	// Unsettled is how many good calls of a service or function are refused at
	// first, as while a new policy spreads.
	Unsettled int `yaml:"unsettled"`
	// Scopes open a Google API beside cloud-platform.
	Scopes []string `yaml:"scopes"`
}

// members are who the front door lets in.
func (s Service) members() []string {
	if s.Kind == IAP {
		return s.Accessors
	}
	return s.Invokers
}

// Fault makes calls of an API fail.
type Fault struct {
	// API is the API's name, such as iamcredentials.googleapis.com.
	API string `yaml:"api"`
	// Method is a method's name, such as generateIdToken; empty means all.
	Method string `yaml:"method"`
	// Code is the HTTP status of the answer, 400 to 599.
	Code int `yaml:"code"`
	// Times is how many calls fail; 0 means all.
	Times int `yaml:"times"`
	// Shape is the form of the answer; empty means the usual one of the code.
	Shape apifront.Shape `yaml:"shape"`
	// RetryAfterSeconds is sent as Retry-After; 0 sends none.
	RetryAfterSeconds int `yaml:"retry_after_seconds"`
}

func (f Fault) retryAfter() time.Duration { return time.Duration(f.RetryAfterSeconds) * time.Second }
