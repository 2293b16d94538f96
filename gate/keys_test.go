package gate_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/authcall/authcall/gate"
)

// clock is a time that tests set.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanoseconds.Store(now.UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

// living is a good token that outlives what the test does with the clock.
func living(t testing.TB) string {
	t.Helper()
	return good(t, with(map[string]any{"exp": now.Add(1000 * time.Hour).Unix()}))
}

// forged names a key that nobody has.
func forged(t testing.TB, i int) string {
	t.Helper()
	return sign(t, jose.RS256, mustKey(t, makeOther), fmt.Sprint("forged-", i), goodClaims())
}

func wantReason(t *testing.T, g *gate.Gate, token string, want gate.Reason) {
	t.Helper()
	if _, err := g.Verify(t.Context(), token); reasonOf(t, err) != want {
		t.Fatalf("got %v, want reason %q", err, want)
	}
}

func TestForgedTokensDoNotMakeTheGateFetchKeys(t *testing.T) {
	t.Parallel()
	keys := newKeyServer(t)
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL})
	for i := range 20 {
		wantReason(t, g, forged(t, i), gate.Signature)
	}
	if got := keys.count(); got != 1 {
		t.Errorf("keys were fetched %d times, want once", got)
	}
}

func TestForgedTokensDoNotBurdenAnIssuerThatIsDown(t *testing.T) {
	t.Parallel()
	keys, clock := newKeyServer(t), newClock()
	keys.answer(http.StatusBadGateway, nil)
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: clock.now})
	for second := range 3 {
		for i := range 20 {
			wantReason(t, g, forged(t, i), gate.KeysUnavailable)
		}
		if got := keys.count(); got != second+1 {
			t.Errorf("in second %d keys have been fetched %d times, want once a second", second, got)
		}
		clock.advance(time.Second)
	}
}

func TestRotatedKeyIsFetched(t *testing.T) {
	t.Parallel()
	keys, clock := newKeyServer(t), newClock()
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: clock.now})
	wantReason(t, g, good(t, goodClaims()), "")
	keys.answer(http.StatusOK, jwks(t, rsaKey(t, "key-2", makeOther)))
	rotated := sign(t, jose.RS256, mustKey(t, makeOther), "key-2", goodClaims())
	wantReason(t, g, rotated, gate.Signature) // asked a moment ago
	clock.advance(time.Minute)
	wantReason(t, g, rotated, "")
	wantReason(t, g, good(t, goodClaims()), gate.Signature) // withdrawn
}

// An issuer withdraws a key by no longer publishing it; the gate sees that when
// the time is over for which it was told to keep the answer.
func TestOutdatedKeysAreFetchedAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, cacheControl string
		keep               time.Duration
	}{
		{"as Google says it", "public, max-age=19845, must-revalidate, no-transform", 19845 * time.Second},
		{"other letters", "Max-Age=7200", 2 * time.Hour},
		{"nothing said", "", time.Hour},
		{"nonsense", "max-age=soon", time.Hour},
		{"less than a minute", "max-age=0", time.Minute},
		{"more than a day", "max-age=99999999999999", 24 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			keys, clock := newKeyServer(t), newClock()
			keys.header = http.Header{"Cache-Control": {tt.cacheControl}}
			g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: clock.now})
			wantReason(t, g, living(t), "")
			keys.answer(http.StatusOK, jwks(t, rsaKey(t, "key-2", makeOther)))
			clock.advance(tt.keep - time.Second)
			wantReason(t, g, living(t), "")
			if got := keys.count(); got != 1 {
				t.Fatalf("keys were fetched %d times before their time was over, want once", got)
			}
			clock.advance(time.Second)
			for reason := gate.Reason(""); reason != gate.Signature; { // the fetch goes on behind
				_, err := g.Verify(t.Context(), living(t))
				reason = reasonOf(t, err)
			}
		})
	}
}

func TestLastGoodKeysOutliveAnOutage(t *testing.T) {
	t.Parallel()
	outages := []struct {
		name   string
		status int
		body   string
	}{
		{"server error", http.StatusInternalServerError, "down"},
		{"not JSON", http.StatusOK, "<html>"},
		{"no keys", http.StatusOK, `{"keys":[]}`},
		{"an error as JSON", http.StatusOK, `{"error":"down"}`},
		{"keys of no use", http.StatusOK, `{"keys":[{"kty":"oct","kid":"key-1","k":"AAAA"},{"kty":"new"},7]}`},
	}
	for _, tt := range outages {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			keys, clock := newKeyServer(t), newClock()
			g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: clock.now})
			wantReason(t, g, living(t), "")
			keys.answer(tt.status, []byte(tt.body))
			clock.advance(24 * time.Hour)
			wantReason(t, g, living(t), "")
			wantReason(t, g, sign(t, jose.RS256, mustKey(t, makeOther), "key-2", goodClaims()), gate.KeysUnavailable) // perhaps a new key
			wantReason(t, g, living(t), "")
			clock.advance(time.Hour)
			wantReason(t, g, living(t), gate.KeysUnavailable)
		})
	}
}

func TestKeysUnavailable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
	}{
		{"server error", http.StatusInternalServerError, "down"},
		{"not found", http.StatusNotFound, "{}"},
		{"redirect", http.StatusFound, ""},
		{"not JSON", http.StatusOK, "<html>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			keys, clock := newKeyServer(t), newClock()
			keys.answer(tt.status, []byte(tt.body))
			g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: clock.now})
			wantReason(t, g, good(t, goodClaims()), gate.KeysUnavailable)
			keys.answer(http.StatusOK, jwks(t, rsaKey(t, "key-1", makeKeys)))
			clock.advance(time.Second)
			wantReason(t, g, good(t, goodClaims()), "")
		})
	}
}

func TestKeysForSomethingElseMakeNoTokenGood(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, algorithm, use string
		want                 gate.Reason
	}{
		{"for tokens", "RS256", "sig", ""},
		{"nothing said", "", "", ""},
		{"for another algorithm", "PS256", "sig", gate.Signature},
		{"for encryption", "RS256", "enc", gate.KeysUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			keys, key := newKeyServer(t), rsaKey(t, "key-1", makeKeys)
			key.Algorithm, key.Use = tt.algorithm, tt.use
			keys.answer(http.StatusOK, jwks(t, key))
			wantReason(t, newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL}), good(t, goodClaims()), tt.want)
		})
	}
}

// Any number of requests that come at once wait for one fetch.
func TestConcurrentRequestsFetchKeysOnce(t *testing.T) {
	t.Parallel()
	keys := newKeyServer(t)
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Emails: []string{caller}})
	tokens := map[string]gate.Reason{
		good(t, goodClaims()): "",
		forged(t, 1):          gate.Signature,
		good(t, with(map[string]any{"email": "x@example.com"})): gate.CallerNotAllowed,
	}
	var wg sync.WaitGroup
	for range 20 {
		for token, want := range tokens {
			wg.Go(func() {
				if _, err := g.Verify(t.Context(), token); reasonOf(t, err) != want {
					t.Errorf("got %v, want reason %q", err, want)
				}
			})
		}
	}
	wg.Wait()
	if got := keys.count(); got != 1 {
		t.Errorf("keys were fetched %d times, want once", got)
	}
}

func TestCallerWhoGivesUpWaitingForKeys(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: slow.URL})
	if _, err := g.Verify(ctx, good(t, goodClaims())); reasonOf(t, err) != gate.KeysUnavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want keys unavailable because of the cancellation", err)
	}
}

// brokenKeys is a KeySet that has no keys at hand.
type brokenKeys struct{ err error }

func (b brokenKeys) VerifySignature(context.Context, string) ([]byte, error) { return nil, b.err }

func TestKeysOfOnesOwn(t *testing.T) {
	t.Parallel()
	static := &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{mustKey(t, makeKeys).Public()}}
	tests := []struct {
		name  string
		keys  gate.KeySet
		token string
		want  gate.Reason
	}{
		{"good", static, good(t, goodClaims()), ""},
		{"forged", static, forged(t, 1), gate.Signature},
		{"no key named", static, sign(t, jose.RS256, mustKey(t, makeKeys), "", goodClaims()), gate.Signature},
		{"refusal of its own", brokenKeys{&gate.Error{Reason: gate.KeysUnavailable}}, good(t, goodClaims()), gate.KeysUnavailable},
		{"any other error", brokenKeys{errors.New("no")}, good(t, goodClaims()), gate.Signature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantReason(t, newGate(t, gate.Policy{Audiences: []string{audience}, Keys: tt.keys}), tt.token, tt.want)
		})
	}
}
