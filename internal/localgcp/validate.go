package localgcp

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/iamadmin"
	"github.com/authcall/authcall/internal/localgcp/iamcredentials"
	"github.com/authcall/authcall/internal/localgcp/metadata"
	"github.com/authcall/authcall/internal/localgcp/secretmanager"
)

var (
	projectPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`) })
	numberPattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{1,20}$`) })
	namePattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$`) })
	domainPattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`) })
	emailPattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$`) })

	secretPattern     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`) })
	kubernetesPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9.-]+$`) })
)

const maxLateSeconds = 3600

// APIs lists the APIs that can be disabled or have faults.
func APIs() []string {
	return append([]string{iamadmin.Service, iamcredentials.Service, secretmanager.Service}, rpcAPIs()...)
}

// faults gathers all that is wrong, each with the path of its field.
type faults []error

func (f *faults) add(field, format string, args ...any) {
	*f = append(*f, fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...)))
}

func (f *faults) want(ok bool, field, got, want string) {
	if !ok {
		f.add(field, "got %q, want %s", got, want)
	}
}

// validate tells every fault at once. What the bindings name is checked against
// the principals when the directory is made of them.
func (c *Config) validate() error {
	var f faults
	f.want(projectPattern().MatchString(c.Project), "project", c.Project, "6 to 30 lower-case letters, digits and hyphens")
	f.want(numberPattern().MatchString(c.ProjectNumber), "project_number", c.ProjectNumber, "digits")
	f.want(namePattern().MatchString(c.Region), "region", c.Region, "a region such as us-central1")
	c.validateMachine(&f)
	c.validatePrincipals(&f)
	for i, b := range c.Bindings {
		c.validateBinding(&f, fmt.Sprintf("bindings[%d]", i), b)
	}
	c.validateCredentials(&f)
	c.validateSecrets(&f)
	c.validateServices(&f)
	c.validateFaults(&f)
	if len(f) > 0 {
		return errors.Join(f...)
	}
	_, err := c.directory(make([]byte, secretBytes), nil)
	return err
}

func (c *Config) validateMachine(f *faults) {
	f.want(domainPattern().MatchString(c.UniverseDomain), "universe_domain", c.UniverseDomain, "a domain such as googleapis.com")
	f.want(slices.Contains(metadata.Modes(), c.Metadata), "metadata", string(c.Metadata), fmt.Sprintf("one of %q", metadata.Modes()))
	start := c.MetadataStart
	f.want(start.LateRequests >= 0, "metadata_start.late_requests", fmt.Sprint(start.LateRequests), "0 or more")
	f.want(start.LateSeconds >= 0 && start.LateSeconds <= maxLateSeconds, "metadata_start.late_seconds", fmt.Sprint(start.LateSeconds), fmt.Sprintf("0 to %d", maxLateSeconds))
	f.want(start.DefaultEmails >= 0, "metadata_start.default_emails", fmt.Sprint(start.DefaultEmails), "0 or more")
	f.want(c.KubernetesAccount == "" || kubernetesPattern().MatchString(c.KubernetesAccount), "kubernetes_account", c.KubernetesAccount, "NAMESPACE/NAME")
}

func (c *Config) validatePrincipals(f *faults) {
	for i, a := range c.Accounts {
		f.want(emailPattern().MatchString(a.Email), fmt.Sprintf("accounts[%d].email", i), a.Email, "an email address")
	}
	for i, u := range c.Users {
		f.want(emailPattern().MatchString(u), fmt.Sprintf("users[%d]", i), u, "an email address")
	}
	f.want(slices.Contains(c.Users, c.Submitter) || c.hasAccount(c.Submitter), "submitter", c.Submitter, "one of users or accounts")
	f.want(c.hasAccount(c.PipelineAccount), "pipeline_account", c.PipelineAccount, "one of accounts")
}

func (c *Config) validateBinding(f *faults, at string, b Binding) {
	f.want(slices.Contains(iam.Roles(), b.Role), at+".role", b.Role, fmt.Sprintf("one of %q", iam.Roles()))
	if _, err := c.resource(b.Resource); err != nil {
		f.add(at+".resource", "%w", err)
	}
	if len(b.Members) == 0 {
		f.add(at+".members", "there is none")
	}
}

func (c *Config) validateSecrets(f *faults) {
	for i, s := range c.Secrets {
		at := fmt.Sprintf("secrets[%d]", i)
		f.want(secretPattern().MatchString(s.Name), at+".name", s.Name, "letters, digits, hyphens and underscores")
		if slices.ContainsFunc(c.Secrets[:i], func(earlier Secret) bool { return earlier.Name == s.Name }) {
			f.add(at+".name", "%q is taken by another secret", s.Name)
		}
		for _, n := range s.Disabled {
			f.want(n >= 1 && n <= len(s.Versions), at+".disabled", fmt.Sprint(n), "the number of a version")
		}
	}
}

func (c *Config) validateFaults(f *faults) {
	for i, api := range c.DisabledAPIs {
		f.want(slices.Contains(APIs(), api), fmt.Sprintf("disabled_apis[%d]", i), api, fmt.Sprintf("one of %q", APIs()))
	}
	for i, x := range c.Faults {
		at := fmt.Sprintf("faults[%d]", i)
		f.want(slices.Contains(APIs(), x.API), at+".api", x.API, fmt.Sprintf("one of %q", APIs()))
		f.want(x.Shape == "" || slices.Contains(apifront.Shapes(), x.Shape), at+".shape", string(x.Shape), fmt.Sprintf("one of %q", apifront.Shapes()))
		f.want(x.Code >= 400 && x.Code <= 599 || x.Code == 0 && x.Shape != "", at+".code", fmt.Sprint(x.Code), "400 to 599")
		f.want(x.Times >= 0, at+".times", fmt.Sprint(x.Times), "0 or more")
		f.want(x.RetryAfterSeconds >= 0, at+".retry_after_seconds", fmt.Sprint(x.RetryAfterSeconds), "0 or more")
	}
}

func (c *Config) hasAccount(email string) bool {
	return slices.ContainsFunc(c.Accounts, func(a Account) bool { return a.Email == email })
}
