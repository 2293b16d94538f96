package gate

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// refetchAfter spares the issuer a fetch for every forged token that names
	// an unknown key. Google publishes a key long before it signs with it.
	refetchAfter = time.Minute
	// retryAfter spares an issuer that is down.
	retryAfter = time.Second
	// keepFor is how long keys outlive the time that the issuer gave them, while
	// it cannot be asked for new ones.
	keepFor = 24 * time.Hour
)

// remoteKeys are an issuer's published keys. They are fetched when the first
// token comes, when a token names an unknown key, and when they are out of date;
// of concurrent fetches only one is made.
type remoteKeys struct {
	fetch func() (published, error)
	now   func() time.Time

	flight singleflight.Group
	latest atomic.Pointer[attempt]
}

// attempt is the state after a fetch. It never changes.
type attempt struct {
	// published is the last good answer, and fetched its time.
	published
	fetched time.Time
	// tried is the time of the last fetch, and err how it went.
	tried time.Time
	err   error
}

func newRemoteKeys(ctx context.Context, p Policy) *remoteKeys {
	source := newKeySource(ctx, p)
	k := &remoteKeys{fetch: source.fetch, now: p.Now}
	k.latest.Store(&attempt{})
	return k
}

// find returns the key of an id. A known key is never waited for, however old
// it is: it is brought up to date behind the caller's back.
func (k *remoteKeys) find(ctx context.Context, id string) (*key, error) {
	now, state := k.now(), k.latest.Load()
	if key, ok := state.find(id, now); ok {
		if state.outdated(now) && state.due(now) {
			k.flight.DoChan("", k.refresh)
		}
		return key, nil
	}
	if state.due(now) {
		select {
		case done := <-k.flight.DoChan("", k.refresh):
			state, _ = done.Val.(*attempt)
		case <-ctx.Done():
			return nil, &Error{KeysUnavailable, ctx.Err()}
		}
	}
	if key, ok := state.find(id, now); ok {
		return key, nil
	}
	if state.err != nil {
		return nil, &Error{KeysUnavailable, state.err}
	}
	return nil, errNoSuchKey()
}

// refresh makes the next attempt, unless one has just been made. Only one runs
// at a time.
func (k *remoteKeys) refresh() (any, error) {
	state := k.latest.Load()
	if !state.due(k.now()) {
		return state, nil
	}
	next := *state
	answer, err := k.fetch()
	next.tried, next.err = k.now(), err
	if err == nil {
		next.published, next.fetched = answer, next.tried
	}
	k.latest.Store(&next)
	return &next, nil
}

// find gives a key of the last good answer, unless that is too old to trust.
func (a *attempt) find(id string, now time.Time) (*key, bool) {
	key, ok := a.keys[id]
	return key, ok && now.Sub(a.fetched) < a.lifetime+keepFor
}

// outdated says whether the issuer wants to be asked again.
func (a *attempt) outdated(now time.Time) bool { return now.Sub(a.fetched) >= a.lifetime }

// due says whether the last attempt is long enough ago for another one.
func (a *attempt) due(now time.Time) bool {
	pause := refetchAfter
	if a.err != nil {
		pause = retryAfter
	}
	return a.tried.IsZero() || now.Sub(a.tried) >= pause
}
