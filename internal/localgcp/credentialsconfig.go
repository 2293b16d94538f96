package localgcp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/sts"
)

// CredentialsKind is the type of a credentials file.
type CredentialsKind string

// The types, by the names that the files have for themselves.
const (
	ServiceAccountKey CredentialsKind = "service_account"
	AuthorizedUser    CredentialsKind = "authorized_user"
	ExternalAccount   CredentialsKind = "external_account"
	Impersonated      CredentialsKind = "impersonated_service_account"
)

func credentialsKinds() []CredentialsKind {
	return []CredentialsKind{ServiceAccountKey, AuthorizedUser, ExternalAccount, Impersonated}
}

// SubjectToken is where an external account's own token comes from.
type SubjectToken string

// The sources of subject tokens.
const (
	TokenFromFile SubjectToken = "file"
	TokenFromURL  SubjectToken = "url"
	TokenFromOIDC SubjectToken = "oidc"
)

func subjectTokens() []SubjectToken {
	return []SubjectToken{TokenFromFile, TokenFromURL, TokenFromOIDC}
}

// Credentials declares a credentials file.
type Credentials struct {
	// Name is the file's, without its .json.
	Name string `yaml:"name"`
	// Kind is the file's type.
	Kind CredentialsKind `yaml:"kind"`
	// Account is the service account or user that the file is of; for an external
	// account it is the service account to impersonate, or empty.
	Account string `yaml:"account"`
	// Subject is an external account's subject in the pool.
	Subject string `yaml:"subject"`
	// SubjectToken is where its token comes from.
	SubjectToken SubjectToken `yaml:"subject_token"`
	// Source is the name of the credentials that impersonate.
	Source string `yaml:"source"`
	// Delegates are the accounts between those and Account, nearest first.
	Delegates []string `yaml:"delegates"`
	// QuotaProject is the project that requests are to count against.
	QuotaProject string `yaml:"quota_project"`
}

// The one workload identity pool.
const (
	poolName     = "local-pool"
	providerName = "local-provider"
)

// exchange is how workloads become known.
func (c *Config) exchange() sts.Options {
	return sts.Options{
		Pool:     fmt.Sprintf("projects/%s/locations/global/workloadIdentityPools/%s", c.ProjectNumber, poolName),
		Provider: providerName,
	}
}

// workloads are the identities of other systems as policies name them.
func (c *Config) workloads() []string {
	var names []string
	if c.KubernetesAccount != "" {
		names = append(names, c.podMember())
	}
	for _, w := range c.Credentials {
		if member := c.exchange().Member(w.Subject); w.Kind == ExternalAccount && !slices.Contains(names, member) {
			names = append(names, member)
		}
	}
	return names
}

func (c *Config) validateCredentials(f *faults) {
	for i, x := range c.Credentials {
		at := fmt.Sprintf("credentials[%d]", i)
		f.want(namePattern().MatchString(x.Name), at+".name", x.Name, "lower-case letters, digits and hyphens")
		if slices.ContainsFunc(c.Credentials[:i], func(earlier Credentials) bool { return earlier.Name == x.Name }) {
			f.add(at+".name", "%q is taken by other credentials", x.Name)
		}
		c.validateKind(f, at, x)
		c.validateSource(f, at, x, c.Credentials[:i])
	}
}

func (c *Config) validateKind(f *faults, at string, x Credentials) {
	f.want(slices.Contains(credentialsKinds(), x.Kind), at+".kind", string(x.Kind), fmt.Sprintf("one of %q", credentialsKinds()))
	external := x.Kind == ExternalAccount
	switch {
	case x.Kind == AuthorizedUser:
		f.want(slices.Contains(c.Users, x.Account), at+".account", x.Account, "one of users")
	case !external || x.Account != "":
		f.want(c.hasAccount(x.Account), at+".account", x.Account, "one of accounts")
	}
	if external {
		f.want(slices.Contains(subjectTokens(), x.SubjectToken), at+".subject_token", string(x.SubjectToken), fmt.Sprintf("one of %q", subjectTokens()))
		f.want(namePattern().MatchString(x.Subject), at+".subject", x.Subject, "lower-case letters, digits and hyphens")
		return
	}
	f.want(x.Subject == "" && x.SubjectToken == "", at+".subject", x.Subject, "none but for "+string(ExternalAccount))
}

func (c *Config) validateSource(f *faults, at string, x Credentials, earlier []Credentials) {
	if x.Kind != Impersonated {
		f.want(x.Source == "", at+".source", x.Source, "none but for "+string(Impersonated))
		f.want(len(x.Delegates) == 0, at+".delegates", strings.Join(x.Delegates, " "), "none but for "+string(Impersonated))
		return
	}
	usable := func(e Credentials) bool { return e.Name == x.Source && e.Kind != Impersonated }
	f.want(slices.ContainsFunc(earlier, usable), at+".source", x.Source, "earlier credentials that do not impersonate")
	for _, d := range x.Delegates {
		f.want(c.hasAccount(d), at+".delegates", d, "accounts")
	}
}
