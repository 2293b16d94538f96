package iam

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Account declares a service account.
type Account struct {
	// Email is the account's address.
	Email string `json:"email"`
	// Project owns the account; empty means the one that its email names.
	Project string `json:"project,omitempty"`
}

// Binding gives a role to members on a resource and all that lies below it.
type Binding struct {
	// Role is one of Roles.
	Role string `json:"role"`
	// Members are of the form kind:email, workloads, or AllUsers or
	// AllAuthenticatedUsers.
	Members []string `json:"members"`
	// Resource is a resource name such as projects/P or
	// projects/P/serviceAccounts/EMAIL.
	Resource string `json:"-"`
}

// Config is what a Directory is made from.
type Config struct {
	// Accounts are the service accounts that exist.
	Accounts []Account
	// Users are the emails of the people that exist.
	Users []string
	// Workloads are identities of other systems, as policies name them.
	Workloads []string
	// Bindings are all policies together.
	Bindings []Binding
	// Secret signs the access tokens, at least 32 bytes.
	Secret []byte
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Directory holds the principals and their permissions. It is safe for
// concurrent use.
type Directory struct {
	secret []byte
	signer jose.Signer
	now    func() time.Time

	mu       sync.RWMutex
	byEmail  map[string]Principal
	byID     map[string]Principal
	policies map[string]Policy // by resource
	book     *book             // nil where changes are not kept
}

// minSecret is the least that HS256 wants, in bytes.
const minSecret = 32

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
		byEmail:  map[string]Principal{},
		byID:     map[string]Principal{},
		policies: map[string]Policy{},
		secret:   c.Secret,
		signer:   signer,
		now:      c.Now,
	}
	if d.now == nil {
		d.now = time.Now
	}
	return d, errors.Join(d.addPrincipals(c), d.addBindings(c.Bindings))
}

func (d *Directory) addPrincipals(c Config) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var faults []error
	for _, a := range c.Accounts {
		_, err := d.create(a)
		faults = append(faults, err)
	}
	for _, email := range c.Users {
		_, err := d.add(Principal{Kind: User, Email: email})
		faults = append(faults, err)
	}
	for _, name := range c.Workloads {
		_, err := d.add(Principal{Kind: Workload, Email: name})
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// CreateAccount adds a service account. An error that wraps ErrExists says that
// there is one of the email.
func (d *Directory) CreateAccount(a Account) (Principal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, err := d.create(a)
	if err != nil {
		return p, err
	}
	if err := d.keepAccount(a); err != nil {
		delete(d.byEmail, p.Email)
		delete(d.byID, p.ID)
		return Principal{}, err
	}
	return p, nil
}

func (d *Directory) create(a Account) (Principal, error) {
	project := a.Project
	if project == "" {
		project, _ = ProjectOf(a.Email)
	}
	if project == "" {
		return Principal{}, fmt.Errorf("service account %q: its email names no project, so its project must be given", a.Email)
	}
	return d.add(Principal{Kind: ServiceAccount, Email: a.Email, Project: project})
}

// ErrExists says that a principal cannot be made twice.
var ErrExists = errors.New("is declared twice")

func (d *Directory) add(p Principal) (Principal, error) {
	if p.Kind != Workload && !strings.Contains(p.Email, "@") {
		return p, fmt.Errorf("%s %q: want an email address", p.Kind, p.Email)
	}
	if _, taken := d.byEmail[p.Email]; taken {
		return p, fmt.Errorf("%s %q %w", p.Kind, p.Email, ErrExists)
	}
	p.ID = uniqueID(p.Member())
	d.byEmail[p.Email], d.byID[p.ID] = p, p
	return p, nil
}

// Accounts lists the service accounts of a project by their emails.
func (d *Directory) Accounts(project string) []Principal {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var found []Principal
	for _, email := range slices.Sorted(maps.Keys(d.byEmail)) {
		if p := d.byEmail[email]; p.Kind == ServiceAccount && p.Project == project {
			found = append(found, p)
		}
	}
	return found
}

// Lookup finds a principal by its email or its numeric id.
func (d *Directory) Lookup(emailOrID string) (Principal, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.lookup(emailOrID)
}

func (d *Directory) lookup(emailOrID string) (Principal, bool) {
	if p, ok := d.byEmail[emailOrID]; ok {
		return p, true
	}
	p, ok := d.byID[emailOrID]
	return p, ok
}
