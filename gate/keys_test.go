package gate_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/authcall/authcall/gate"
)

func TestForgedTokensDoNotMakeTheGateFetchKeys(t *testing.T) {
	t.Parallel()
	keys := newKeyServer(t)
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL})
	for i := range 20 {
		forged := sign(t, jose.RS256, mustKey(t, makeOther), fmt.Sprint("forged-", i), goodClaims())
		if _, err := g.Verify(t.Context(), forged); reasonOf(t, err) != gate.Signature {
			t.Fatalf("got %v, want a refusal for the signature", err)
		}
	}
	if got := keys.count(); got != 1 {
		t.Errorf("keys were fetched %d times, want once", got)
	}
}

func TestRotatedKeyIsFetched(t *testing.T) {
	t.Parallel()
	keys, clock := newKeyServer(t), now
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: func() time.Time { return clock }})
	if _, err := g.Verify(t.Context(), good(t, goodClaims())); err != nil {
		t.Fatal(err)
	}
	keys.answer(http.StatusOK, jwks(t, "key-2", mustKey(t, makeOther)))
	clock = clock.Add(2 * time.Minute)
	rotated := sign(t, jose.RS256, mustKey(t, makeOther), "key-2", goodClaims())
	if _, err := g.Verify(t.Context(), rotated); err != nil {
		t.Errorf("token by the new key: %v", err)
	}
	if _, err := g.Verify(t.Context(), good(t, goodClaims())); reasonOf(t, err) != gate.Signature {
		t.Errorf("token by the withdrawn key: got %v, want a refusal for the signature", err)
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
			keys := newKeyServer(t)
			keys.answer(tt.status, []byte(tt.body))
			g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL})
			if _, err := g.Verify(t.Context(), good(t, goodClaims())); reasonOf(t, err) != gate.KeysUnavailable {
				t.Fatalf("got %v, want keys unavailable", err)
			}
			keys.answer(http.StatusOK, jwks(t, "key-1", mustKey(t, makeKeys)))
			if _, err := g.Verify(t.Context(), good(t, goodClaims())); err != nil {
				t.Errorf("when the keys are back: %v", err)
			}
		})
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

func TestAssertionsOfIAP(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(t, gate.Policy{
		Audiences:  []string{audience},
		Issuers:    []string{gate.IAPIssuer},
		Algorithms: []string{"ES256"},
		Keys:       &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{key.Public()}},
	})
	claims := with(map[string]any{"iss": gate.IAPIssuer, "email_verified": nil})
	if _, err := g.Verify(t.Context(), sign(t, jose.ES256, key, "iap", claims)); err != nil {
		t.Error(err)
	}
	if _, err := g.Verify(t.Context(), good(t, claims)); reasonOf(t, err) != gate.Algorithm {
		t.Errorf("RS256: got %v, want a refusal for the algorithm", err)
	}
}

func TestNewRefusesUnsafePolicies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		policy gate.Policy
	}{
		{"no audience", gate.Policy{}},
		{"empty audience", gate.Policy{Audiences: []string{""}}},
		{"algorithm none", gate.Policy{Audiences: []string{"a"}, Algorithms: []string{"none"}}},
		{"algorithm HS256", gate.Policy{Audiences: []string{"a"}, Algorithms: []string{"HS256"}}},
		{"negative leeway", gate.Policy{Audiences: []string{"a"}, Leeway: -time.Second}},
		{"an hour's leeway", gate.Policy{Audiences: []string{"a"}, Leeway: time.Hour}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := gate.New(t.Context(), tt.policy); err == nil {
				t.Error("got no error")
			}
		})
	}
}
