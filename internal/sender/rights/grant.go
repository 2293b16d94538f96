package rights

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/serviceusage/v1"

	"github.com/authcall/authcall/internal/backoff"
)

// Grant makes a binding. Where the policy was changed meanwhile, it reads that and
// tries once more.
func (c *Checker) Grant(ctx context.Context, b Binding) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := c.grant(ctx, b)
	if isStatus(err, http.StatusConflict, http.StatusPreconditionFailed) {
		err = c.grant(ctx, b)
	}
	if err != nil {
		return &GrantError{Binding: b, Denied: isStatus(err, http.StatusForbidden, http.StatusUnauthorized), Err: err}
	}
	delete(c.policies, b.Resource)
	return nil
}

func (c *Checker) grant(ctx context.Context, b Binding) error {
	data, _, err := c.fetch(ctx, b.Resource)
	if err != nil {
		return err
	}
	if data, err = with(data, b); err != nil {
		return err
	}
	return c.apis.policies[b.Resource.Kind].set(ctx, b.Resource.Name(c.number), data)
}

// GrantError is a binding that could not be made.
type GrantError struct {
	Binding Binding
	// Denied tells that the caller may not make it.
	Denied bool
	Err    error
}

func (e *GrantError) Error() string {
	return fmt.Sprintf("granting %s: %s", e.Binding, reason(e.Err))
}
func (e *GrantError) Unwrap() error { return e.Err }

// Enable switches an API on in a project and waits until it is.
func (c *Checker) Enable(ctx context.Context, project string, a API) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	op, err := c.apis.usage.Services.Enable("projects/"+project+"/services/"+a.Service, &serviceusage.EnableServiceRequest{}).Context(ctx).Do()
	waits := backoff.Default()
	for attempt := 1; err == nil && !op.Done; attempt++ {
		if !waits.Wait(ctx, waits.Delay(attempt, nil)) {
			return fmt.Errorf("enabling %s: it is not done yet", a.Service)
		}
		op, err = c.apis.usage.Operations.Get(op.Name).Context(ctx).Do()
	}
	switch {
	case err != nil:
		return &EnableError{Service: a.Service, Denied: isStatus(err, http.StatusForbidden, http.StatusUnauthorized), Err: err}
	case op.Error != nil:
		return &EnableError{Service: a.Service, Err: errors.New(op.Error.Message)}
	}
	return nil
}

// EnableError is an API that could not be switched on.
type EnableError struct {
	Service string
	// Denied tells that the caller may not do it.
	Denied bool
	Err    error
}

func (e *EnableError) Error() string { return "enabling " + e.Service + ": " + reason(e.Err) }
func (e *EnableError) Unwrap() error { return e.Err }

// with puts a member into a policy; all else in it stays as it was.
func with(data []byte, b Binding) ([]byte, error) {
	var whole map[string]any
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, err
	}
	if whole == nil {
		whole = map[string]any{}
	}
	bindings, _ := whole["bindings"].([]any)
	whole["bindings"] = add(bindings, b)
	return json.Marshal(whole)
}

func add(bindings []any, b Binding) []any {
	for _, one := range bindings {
		binding, _ := one.(map[string]any)
		if binding["role"] != b.Role || binding["condition"] != nil {
			continue
		}
		members, _ := binding["members"].([]any)
		if !slices.Contains(members, any(b.Member)) {
			binding["members"] = append(members, b.Member)
		}
		return bindings
	}
	return append(bindings, map[string]any{"role": b.Role, "members": []any{b.Member}})
}

// localPart is what stands before the @ of an email.
func localPart(email string) string {
	name, _, _ := strings.Cut(email, "@")
	return name
}
