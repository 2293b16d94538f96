package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Account declares a service account.
type Account struct {
	// Email is the account's address.
	Email string
	// Project owns the account; empty means the one that its email names.
	Project string
}

// Binding gives a role to members on a resource and all that lies below it.
type Binding struct {
	// Role is one of Roles.
	Role string
	// Members are of the form kind:email, or AllUsers or AllAuthenticatedUsers.
	Members []string
	// Resource is a resource name such as projects/P or
	// projects/P/serviceAccounts/EMAIL.
	Resource string
}

// Config is what a Directory is made from.
type Config struct {
	// Accounts are the service accounts that exist.
	Accounts []Account
	// Users are the emails of the people that exist.
	Users []string
	// Bindings are all policies together.
	Bindings []Binding
	// Secret signs the access tokens, at least 32 bytes.
	Secret []byte
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Directory holds the principals and their permissions. It never changes, so it
// is safe for concurrent use.
type Directory struct {
	byEmail map[string]Principal
	byID    map[string]Principal
	grants  map[string][]grant // by permission
	secret  []byte
	signer  jose.Signer
	now     func() time.Time
}

// minSecret is the least that HS256 wants, in bytes.
const minSecret = 32

type grant struct{ member, resource string }

// NewDirectory refuses bindings whose role or member does not exist, as Google
// does; it tells all of them at once.
func NewDirectory(c Config) (*Directory, error) {
	if len(c.Secret) < minSecret {
		return nil, fmt.Errorf("access token secret: got %d bytes, want at least %d", len(c.Secret), minSecret)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: c.Secret}, nil)
	if err != nil {
		return nil, fmt.Errorf("access token secret: %w", err)
	}
	d := &Directory{
		byEmail: map[string]Principal{},
		byID:    map[string]Principal{},
		grants:  map[string][]grant{},
		secret:  c.Secret,
		signer:  signer,
		now:     c.Now,
	}
	if d.now == nil {
		d.now = time.Now
	}
	return d, errors.Join(d.addPrincipals(c), d.addBindings(c.Bindings))
}

func (d *Directory) addPrincipals(c Config) error {
	var faults []error
	for _, a := range c.Accounts {
		project := a.Project
		if project == "" {
			project, _ = ProjectOf(a.Email)
		}
		if project == "" {
			faults = append(faults, fmt.Errorf("service account %q: its email names no project, so its project must be given", a.Email))
		}
		faults = append(faults, d.add(Principal{Kind: ServiceAccount, Email: a.Email, Project: project}))
	}
	for _, email := range c.Users {
		faults = append(faults, d.add(Principal{Kind: User, Email: email}))
	}
	return errors.Join(faults...)
}

func (d *Directory) add(p Principal) error {
	if !strings.Contains(p.Email, "@") {
		return fmt.Errorf("%s %q: want an email address", p.Kind, p.Email)
	}
	if _, taken := d.byEmail[p.Email]; taken {
		return fmt.Errorf("%s %q is declared twice", p.Kind, p.Email)
	}
	p.ID = uniqueID(p.Member())
	d.byEmail[p.Email], d.byID[p.ID] = p, p
	return nil
}

func (d *Directory) addBindings(bindings []Binding) error {
	var faults []error
	for _, b := range bindings {
		permissions, ok := roles[b.Role]
		if !ok {
			faults = append(faults, fmt.Errorf("role %q is unknown, want one of %q", b.Role, Roles()))
		}
		for _, member := range b.Members {
			if err := d.checkMember(member); err != nil {
				faults = append(faults, fmt.Errorf("%s on %s: %w", b.Role, b.Resource, err))
			}
			for _, p := range permissions {
				d.grants[p] = append(d.grants[p], grant{member, b.Resource})
			}
		}
	}
	return errors.Join(faults...)
}

func (d *Directory) checkMember(member string) error {
	if member == AllUsers || member == AllAuthenticatedUsers {
		return nil
	}
	_, email, _ := strings.Cut(member, ":")
	if p, ok := d.byEmail[email]; !ok || p.Member() != member {
		return fmt.Errorf("member %q does not exist, want %s:EMAIL or %s:EMAIL of a declared principal, %s or %s",
			member, ServiceAccount, User, AllUsers, AllAuthenticatedUsers)
	}
	return nil
}

// Lookup finds a principal by its email or its numeric id.
func (d *Directory) Lookup(emailOrID string) (Principal, bool) {
	if p, ok := d.byEmail[emailOrID]; ok {
		return p, true
	}
	p, ok := d.byID[emailOrID]
	return p, ok
}

// Allowed says whether the principal has the permission on the resource, by a
// binding on it or on what it lies below.
func (d *Directory) Allowed(p Principal, permission, resource string) bool {
	return slices.ContainsFunc(d.grants[permission], func(g grant) bool {
		return g.covers(resource) && g.includes(p)
	})
}

func (g grant) covers(resource string) bool {
	return resource == g.resource || strings.HasPrefix(resource, g.resource+"/")
}

func (g grant) includes(p Principal) bool {
	switch g.member {
	case AllUsers:
		return true
	case AllAuthenticatedUsers:
		return p.Email != ""
	default:
		return g.member == p.Member()
	}
}
