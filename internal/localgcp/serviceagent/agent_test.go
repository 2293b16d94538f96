package serviceagent_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

const (
	project  = "local-project"
	number   = "123456789012"
	account  = "caller@local-project.iam.gserviceaccount.com"
	audience = "https://example.com/path"
)

// world has an agent of Cloud Scheduler with a role on the project.
func world(t *testing.T, role string) (*serviceagent.Agent, *iam.Directory) {
	t.Helper()
	email := serviceagent.Email(serviceagent.Scheduler, number)
	directory, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: account}, {Email: email}},
		Users:    []string{"somebody@example.com"},
		Bindings: []iam.Binding{{Role: role, Members: []string{"serviceAccount:" + email}, Resource: "projects/" + project}},
		Secret:   bytes.Repeat([]byte("s"), 32),
	})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := issuer.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return serviceagent.New(serviceagent.Options{Name: serviceagent.Scheduler, Number: number, Directory: directory, Issuer: signer}), directory
}

func TestIDToken(t *testing.T) {
	t.Parallel()
	agent, _ := world(t, serviceagent.Role(serviceagent.Scheduler))
	token, err := agent.Mint(serviceagent.Token{ServiceAccount: account, Audience: audience})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		jwt.Claims
		Email string `json:"email"`
	}
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		t.Fatal(err)
	}
	if claims.Email != account || !slices.Equal(claims.Audience, jwt.Audience{audience}) {
		t.Errorf("got a token of %s for %q, want of %s for %s", claims.Email, claims.Audience, account, audience)
	}
}

func TestAccessToken(t *testing.T) {
	t.Parallel()
	const other = "https://www.googleapis.com/auth/bigquery"
	agent, directory := world(t, serviceagent.Role(serviceagent.Scheduler))
	for scope, want := range map[string]string{"": iam.CloudPlatform, other: other} {
		token, err := agent.Mint(serviceagent.Token{ServiceAccount: account, Scope: scope})
		if err != nil {
			t.Fatal(err)
		}
		p, err := directory.Authenticate(token)
		if err != nil || p.Email != account || !slices.Equal(p.Scopes, []string{want}) {
			t.Errorf("scope %q: got a token of %s with %q, %v, want of %s with %s", scope, p.Email, p.Scopes, err, account, want)
		}
	}
}

func TestDenied(t *testing.T) {
	t.Parallel()
	const role = "roles/cloudscheduler.serviceAgent"
	tests := []struct {
		name, role string
		token      serviceagent.Token
		permission string
	}{
		{"no right to ID tokens", "roles/browser", serviceagent.Token{ServiceAccount: account, Audience: audience}, iam.GetOpenIDToken},
		{"no right to access tokens", "roles/iam.serviceAccountOpenIdTokenCreator", serviceagent.Token{ServiceAccount: account}, iam.GetAccessToken},
		{"no such account", role, serviceagent.Token{ServiceAccount: "nobody@local-project.iam.gserviceaccount.com", Audience: audience}, iam.GetOpenIDToken},
		{"a person", role, serviceagent.Token{ServiceAccount: "somebody@example.com", Audience: audience}, iam.GetOpenIDToken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			agent, _ := world(t, tt.role)
			token, err := agent.Mint(tt.token)
			denied, ok := errors.AsType[*serviceagent.Denied](err)
			if !ok || token != "" {
				t.Fatalf("got %v, want a *Denied and no token", err)
			}
			want := serviceagent.Denied{Agent: agent.Email(), Permission: tt.permission, ServiceAccount: tt.token.ServiceAccount, Role: role}
			if *denied != want {
				t.Errorf("got %+v, want %+v", *denied, want)
			}
		})
	}
}
