package iam

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Policy is what one resource's own bindings are. What they are on the resources
// above it is not part of it.
type Policy struct {
	// Bindings are all on the policy's resource.
	Bindings []Binding
}

// ETag changes with every change of the policy. It is base64 of letters and digits
// alone, for clients differ in the alphabet in which they send it back.
func (p Policy) ETag() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", p.Bindings))
	const enough = 6
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(sum[:enough])))
}

// ErrChanged says that a policy is no longer the one that a change was made of.
var ErrChanged = errors.New("the policy has been changed meanwhile")

// Policy returns the policy of a resource.
func (d *Directory) Policy(resource string) Policy {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.policies[resource]
}

// SetPolicy replaces the policy of a resource. With an etag that is not the
// present policy's, the error wraps ErrChanged, and where it cannot be kept
// ErrNotKept.
func (d *Directory) SetPolicy(resource string, p Policy, etag string) (Policy, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if etag != "" && etag != d.policies[resource].ETag() {
		return Policy{}, ErrChanged
	}
	var faults []error
	set := Policy{}
	for _, b := range p.Bindings {
		b.Resource = resource
		faults = append(faults, d.check(b))
		set.Bindings = append(set.Bindings, b)
	}
	if err := errors.Join(faults...); err != nil {
		return Policy{}, err
	}
	if err := d.keepPolicy(resource, set); err != nil {
		return Policy{}, err
	}
	d.policies[resource] = set
	return set, nil
}

func (d *Directory) addBindings(bindings []Binding) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var faults []error
	for _, b := range bindings {
		faults = append(faults, d.check(b))
		p := d.policies[b.Resource]
		p.Bindings = append(p.Bindings, b)
		d.policies[b.Resource] = p
	}
	return errors.Join(faults...)
}

func (d *Directory) check(b Binding) error {
	var faults []error
	if _, ok := roles[b.Role]; !ok {
		faults = append(faults, fmt.Errorf("role %q is unknown, want one of %q", b.Role, Roles()))
	}
	for _, member := range b.Members {
		if err := d.checkMember(member); err != nil {
			faults = append(faults, fmt.Errorf("%s on %s: %w", b.Role, b.Resource, err))
		}
	}
	return errors.Join(faults...)
}

func (d *Directory) checkMember(member string) error {
	if member == AllUsers || member == AllAuthenticatedUsers {
		return nil
	}
	if p, ok := d.byEmail[member]; ok && p.Kind == Workload {
		return nil
	}
	_, email, _ := strings.Cut(member, ":")
	if p, ok := d.byEmail[email]; !ok || p.Member() != member {
		return fmt.Errorf("member %q does not exist, want %s:EMAIL or %s:EMAIL of a declared principal, a declared workload, %s or %s",
			member, ServiceAccount, User, AllUsers, AllAuthenticatedUsers)
	}
	return nil
}

// Allowed says whether the principal has the permission on the resource, by a
// binding on it or on what it lies below.
func (d *Directory) Allowed(p Principal, permission, resource string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for at := resource; at != "." && at != "/"; at = path.Dir(at) {
		if slices.ContainsFunc(d.policies[at].Bindings, func(b Binding) bool { return b.gives(p, permission) }) {
			return true
		}
	}
	return false
}

func (b Binding) gives(p Principal, permission string) bool {
	return slices.Contains(roles[b.Role], permission) && slices.ContainsFunc(b.Members, p.is)
}

// is says whether a member of a policy is, or holds, the principal.
func (p Principal) is(member string) bool {
	switch member {
	case AllUsers:
		return true
	case AllAuthenticatedUsers:
		return p.Email != ""
	default:
		return member == p.Member()
	}
}
