package gate_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/authcall/authcall/gate"
)

func TestADerivedGateHasItsOwnCallersAndTheSameKeys(t *testing.T) {
	t.Parallel()
	keys := newKeyServer(t)
	first := newGate(t, gate.Policy{Audiences: []string{"https://first.example.com"}, Emails: []string{"first@example.com"}, KeysURL: keys.URL})
	second, err := first.Derive(gate.Policy{Audiences: []string{audience}, Emails: []string{caller}, KeysURL: "http://127.0.0.1:1/none"})
	if err != nil {
		t.Fatal(err)
	}
	token := good(t, goodClaims())
	if _, err := second.Verify(t.Context(), token); err != nil {
		t.Errorf("the derived gate refuses its own caller: %v", err)
	}
	// The token is known by now; the rules are not the same for all that.
	if _, err := first.Verify(t.Context(), token); reasonOf(t, err) != gate.Audience {
		t.Errorf("the first gate: got %v, want another audience", err)
	}
	narrow, err := first.Derive(gate.Policy{Audiences: []string{audience}, Emails: []string{"other@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := narrow.Verify(t.Context(), token); reasonOf(t, err) != gate.CallerNotAllowed {
		t.Errorf("a third gate: got %v, want the caller refused", err)
	}
	if got := keys.count(); got != 1 {
		t.Errorf("the keys were fetched %d times, want once for all", got)
	}
	if _, err := first.Derive(gate.Policy{Emails: []string{caller}}); err == nil {
		t.Error("a gate without an audience was derived")
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	keys := newKeyServer(t)
	keys.answer(http.StatusInternalServerError, nil)
	clock := now
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: func() time.Time { return clock }})
	if err := g.Ready(t.Context()); reasonOf(t, err) != gate.KeysUnavailable {
		t.Errorf("without keys: got %v, want them unavailable", err)
	}
	keys.answer(http.StatusOK, jwks(t, rsaKey(t, "key-1", makeKeys)))
	clock = clock.Add(2 * time.Second)
	for range 2 {
		if err := g.Ready(t.Context()); err != nil {
			t.Errorf("with keys: %v", err)
		}
	}
	if got := keys.count(); got != 2 {
		t.Errorf("the keys were asked for %d times, want 2", got)
	}
	given, err := gate.New(context.Background(), gate.Policy{Audiences: []string{audience}, Keys: keySetFunc(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if err := given.Ready(t.Context()); err != nil {
		t.Errorf("with keys of the policy's own: %v", err)
	}
}

type keySetFunc func(ctx context.Context, token string) ([]byte, error)

func (f keySetFunc) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	return f(ctx, token)
}
