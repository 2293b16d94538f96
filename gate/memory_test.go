package gate_test

import (
	"net/http"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/go-jose/go-jose/v4"

	"github.com/authcall/authcall/gate"
)

// A token that was good once is refused as any other as soon as something no
// longer holds.
func TestKnownTokenIsCheckedAnew(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(t *testing.T, g *gate.Gate, keys *keyServer, clock *clock)
		want   gate.Reason
	}{
		{"nothing changed", func(*testing.T, *gate.Gate, *keyServer, *clock) {}, ""},
		{"its time is over", func(_ *testing.T, _ *gate.Gate, _ *keyServer, c *clock) { c.advance(2 * time.Hour) }, gate.Expired},
		{"its key was withdrawn", func(t *testing.T, g *gate.Gate, keys *keyServer, c *clock) {
			t.Helper()
			keys.answer(http.StatusOK, jwks(t, rsaKey(t, "key-2", makeOther)))
			learn(t, g, c)
		}, gate.Signature},
		{"another key has its id", func(t *testing.T, g *gate.Gate, keys *keyServer, c *clock) {
			t.Helper()
			keys.answer(http.StatusOK, jwks(t, rsaKey(t, "key-1", makeOther), rsaKey(t, "key-2", makeOther)))
			learn(t, g, c)
		}, gate.Signature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			keys, clock := newKeyServer(t), newClock()
			g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL, Now: clock.now})
			token := good(t, goodClaims())
			for range 2 {
				wantReason(t, g, token, "")
			}
			tt.change(t, g, keys, clock)
			wantReason(t, g, token, tt.want)
		})
	}
}

func TestClaimsOfAKnownTokenAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	keys := newKeyServer(t)
	g := newGate(t, gate.Policy{Audiences: []string{audience}, KeysURL: keys.URL})
	token := good(t, goodClaims())
	first, err := g.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	first.Audience[0] = "changed"
	again, err := g.Verify(t.Context(), token)
	if err != nil || again.Audience[0] != audience {
		t.Errorf("got %v, %v, want the audience as it stands in the token", again, err)
	}
}

// Of the tokens that it knows again a gate holds nothing that could be sent on.
func TestGateHoldsNoToken(t *testing.T) {
	t.Parallel()
	g := newGate(t, gate.Policy{Audiences: []string{audience}})
	gone := make(chan struct{})
	func() {
		token := good(t, goodClaims())
		runtime.AddCleanup(unsafe.StringData(token), func(gone chan struct{}) { close(gone) }, gone)
		wantReason(t, g, token, "")
	}()
	for late, collected := time.After(10*time.Second), false; !collected; {
		runtime.GC()
		select {
		case <-gone:
			collected = true
		case <-late:
			t.Fatal("the token was not collected")
		default:
		}
	}
	runtime.KeepAlive(g)
}

// learn makes the gate fetch the keys, by a token of a new one.
func learn(t *testing.T, g *gate.Gate, c *clock) {
	t.Helper()
	c.advance(time.Minute)
	wantReason(t, g, sign(t, jose.RS256, mustKey(t, makeOther), "key-2", goodClaims()), "")
}
