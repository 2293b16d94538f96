package localgcp

import (
	"bytes"
	_ "embed" // for default.yaml
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

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
	// Metadata is how the metadata servers answer requests for ID tokens.
	Metadata metadata.Mode `yaml:"metadata"`
	// Accounts are the service accounts.
	Accounts []Account `yaml:"accounts"`
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

// Kind is the kind of front door that a service is behind.
type Kind string

// The kinds of front door.
const (
	CloudRun Kind = "cloudrun"
	IAP      Kind = "iap"
)

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
	// Audiences are Cloud Run's custom audiences, or for IAP client ids beside
	// ClientID.
	Audiences []string `yaml:"audiences"`
	// ClientID is the OAuth client of an application behind IAP.
	ClientID string `yaml:"client_id"`
	// Invokers may call a Cloud Run service.
	Invokers []string `yaml:"invokers"`
	// Accessors may reach an application behind IAP.
	Accessors []string `yaml:"accessors"`
	// Hidden makes a Cloud Run service answer 404 to everybody.
	Hidden bool `yaml:"hidden"`
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
	// RetryAfterSeconds is sent as Retry-After; 0 sends none.
	RetryAfterSeconds int `yaml:"retry_after_seconds"`
}

func (f Fault) retryAfter() time.Duration { return time.Duration(f.RetryAfterSeconds) * time.Second }

//go:embed default.yaml
var defaultYAML []byte

// DefaultYAML is the default configuration as a commented file.
func DefaultYAML() []byte { return bytes.Clone(defaultYAML) }

// Default is the configuration that DefaultYAML declares.
func Default() (*Config, error) { return ParseConfig(defaultYAML) }

// LoadConfig reads a configuration file.
func LoadConfig(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ParseConfig reads a configuration strictly and validates it. What it leaves
// out is empty, save that project, region and metadata have defaults, and that
// submitter and pipeline_account are the first user and account.
func ParseConfig(data []byte) (*Config, error) {
	c := &Config{
		Project:       "local-project",
		ProjectNumber: "123456789012",
		Region:        "us-central1",
		Metadata:      metadata.Vertex404,
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, plainYAMLError(err)
	}
	if err := decoder.Decode(&Config{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	if c.Submitter == "" && len(c.Users) > 0 {
		c.Submitter = c.Users[0]
	}
	if c.PipelineAccount == "" && len(c.Accounts) > 0 {
		c.PipelineAccount = c.Accounts[0].Email
	}
	return c, c.validate()
}

// ofType is how the YAML library names our types, which tells users nothing.
var ofType = regexp.MustCompile(` (in type|into) (\[\])?[a-z]+\.[A-Z]\w*`)

func plainYAMLError(err error) error {
	wrong, ok := errors.AsType[*yaml.TypeError](err)
	if !ok {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var faults []error
	for _, e := range wrong.Errors {
		faults = append(faults, errors.New(ofType.ReplaceAllString(e, "")))
	}
	return errors.Join(faults...)
}
