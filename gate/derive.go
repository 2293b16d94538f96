package gate

import (
	"context"
	"errors"
)

// Derive returns a gate that lets others in and shares the keys of this one, so
// that they are fetched once for both: for a service whose paths have callers of
// their own. Of the policy only Audiences, Emails, Subjects, Domains, Public and
// Headers count; the rest is this gate's.
func (g *Gate) Derive(p Policy) (*Gate, error) {
	d := *g
	given := p.withDefaults()
	d.policy.Audiences, d.policy.Public, d.policy.Headers = given.Audiences, given.Public, given.Headers
	d.policy.Emails, d.policy.Subjects, d.policy.Domains = given.Emails, given.Subjects, given.Domains
	if err := d.policy.validate(); err != nil {
		return nil, err
	}
	return &d, nil
}

// Ready fetches the issuer's keys unless there are some, and fails as Verify would
// where it cannot be told whether a token is good. A service asks it before it says
// that it is ready. Keys of the policy's own are always ready.
func (g *Gate) Ready(ctx context.Context) error {
	remote, ok := g.keys.(*remoteKeys)
	if !ok {
		return nil
	}
	state := remote.latest.Load()
	if !state.fetched.IsZero() && remote.now().Sub(state.fetched) < state.lifetime+keepFor {
		return nil
	}
	_, err := remote.find(ctx, "")
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Reason == KeysUnavailable {
		return err
	}
	return nil
}
