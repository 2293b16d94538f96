package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/authcall/authcall/internal/localgcp/statefile"
)

// ErrNotKept says that a change was not made, for it could not be kept.
var ErrNotKept = errors.New("the change cannot be kept")

// changes are what has been made and set beyond what is declared.
type changes struct {
	Accounts []Account         `json:"accounts,omitempty"`
	Policies map[string]change `json:"policies,omitempty"` // by resource
}

// change is a policy that was set in place of a declared one.
type change struct {
	// Declared is the etag of the latter.
	Declared string    `json:"declared"`
	Bindings []Binding `json:"bindings"`
}

// book is where the changes are written.
type book struct {
	path     string
	changes  changes
	declared map[string]Policy // by resource
}

// Keep takes up the accounts and policies that the file holds of an earlier
// directory, and writes there what is made and set from now on. It returns the
// resources that are declared otherwise than when their policy was set: what is
// declared now holds for them. Members and roles that are no more are left out.
func (d *Directory) Keep(path string) (outdated []string, err error) {
	held, err := readChanges(path)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range held.Accounts {
		if _, err := d.create(a); err != nil && !errors.Is(err, ErrExists) {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	d.book = &book{path: path, changes: held, declared: maps.Clone(d.policies)}
	for _, resource := range slices.Sorted(maps.Keys(held.Policies)) {
		set := held.Policies[resource]
		if set.Declared != d.policies[resource].ETag() {
			outdated = append(outdated, resource)
			continue
		}
		d.policies[resource] = d.known(resource, set.Bindings)
	}
	return outdated, nil
}

func readChanges(path string) (changes, error) {
	var held changes
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &held)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return held, fmt.Errorf("accounts and policies in %s: %w", path, err)
	}
	if held.Policies == nil {
		held.Policies = map[string]change{}
	}
	return held, nil
}

// known is a policy of the bindings that can still be.
func (d *Directory) known(resource string, bindings []Binding) Policy {
	p := Policy{}
	for _, b := range bindings {
		b.Resource = resource
		b.Members = slices.DeleteFunc(slices.Clone(b.Members), func(member string) bool { return d.checkMember(member) != nil })
		if len(b.Members) > 0 && d.check(b) == nil {
			p.Bindings = append(p.Bindings, b)
		}
	}
	return p
}

// keepAccount writes down that the account was made. A directory without a book
// keeps nothing.
func (d *Directory) keepAccount(a Account) error {
	if d.book == nil {
		return nil
	}
	next := d.book.changes
	next.Accounts = append(slices.Clone(next.Accounts), a)
	return d.book.write(next)
}

// keepPolicy writes down that the policy was set.
func (d *Directory) keepPolicy(resource string, p Policy) error {
	if d.book == nil {
		return nil
	}
	next := d.book.changes
	next.Policies = maps.Clone(next.Policies)
	declared := d.book.declared[resource].ETag()
	if p.ETag() == declared {
		delete(next.Policies, resource)
	} else {
		next.Policies[resource] = change{Declared: declared, Bindings: p.Bindings}
	}
	return d.book.write(next)
}

func (b *book) write(next changes) error {
	data, err := json.MarshalIndent(next, "", "  ")
	if err == nil {
		err = statefile.Replace(b.path, data)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	b.changes = next
	return nil
}
