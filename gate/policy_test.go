package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/gate"
)

func TestNewRefusesUnsafePolicies(t *testing.T) {
	t.Parallel()
	ours := []string{"https://hello.example.com"}
	tests := []struct {
		name    string
		policy  gate.Policy
		wantErr string
	}{
		{"no audience", gate.Policy{}, "no audience"},
		{"empty audience", gate.Policy{Audiences: []string{""}}, "an audience is empty"},
		{"empty email", gate.Policy{Audiences: ours, Emails: []string{""}}, "an empty email"},
		{"empty subject", gate.Policy{Audiences: ours, Subjects: []string{""}}, "an empty subject"},
		{"empty domain", gate.Policy{Audiences: ours, Domains: []string{""}}, "an empty domain"},
		{"empty public path", gate.Policy{Audiences: ours, Public: []string{""}}, "an empty public path"},
		{"empty header", gate.Policy{Audiences: ours, Headers: []string{""}}, "an empty header"},
		{"algorithm none", gate.Policy{Audiences: ours, Algorithms: []string{"none"}}, `algorithm "none", want RS256 or ES256`},
		{"algorithm HS256", gate.Policy{Audiences: ours, Algorithms: []string{"HS256"}}, `algorithm "HS256"`},
		{"negative leeway", gate.Policy{Audiences: ours, Leeway: -time.Second}, "leeway -1s, want 0 to 5m0s"},
		{"an hour's leeway", gate.Policy{Audiences: ours, Leeway: time.Hour}, "leeway 1h0m0s"},
		{"keys in the clear", gate.Policy{Audiences: ours, KeysURL: "http://issuer.example/keys"}, "want https"},
		{"keys from a file", gate.Policy{Audiences: ours, KeysURL: "file:///keys"}, "want https"},
		{"keys from nowhere", gate.Policy{Audiences: ours, KeysURL: "https:///keys"}, "want https"},
		{"keys from no URL", gate.Policy{Audiences: ours, KeysURL: "::"}, "keys URL"},
		{"URL as audience of IAP", gate.IAPPolicy(ours...), "want one that begins with /projects/"},
		{"several", gate.Policy{Leeway: time.Hour}, "no audience: a token meant for any other service would be let in\nleeway 1h0m0s, want 0 to 5m0s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := gate.New(t.Context(), tt.policy); err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("got error %v, want one with %q", err, tt.wantErr)
			}
		})
	}
}

func TestNewTakesGoodPolicies(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]gate.Policy{
		"least":               {Audiences: []string{audience}},
		"IAP":                 gate.IAPPolicy(iapAudience),
		"keys on this host":   {Audiences: []string{audience}, KeysURL: "http://localhost:8080/keys"},
		"keys on its address": {Audiences: []string{audience}, KeysURL: "http://[::1]/keys"},
	} {
		if _, err := gate.New(t.Context(), policy); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a policy's owner does to the slices later must not change the gate.
func TestPolicyIsCopied(t *testing.T) {
	t.Parallel()
	policy := gate.Policy{Audiences: []string{"https://other.example.com"}, Domains: []string{"EXAMPLE.com"}}
	g := newGate(t, policy)
	policy.Audiences[0] = audience
	if _, err := g.Verify(t.Context(), good(t, goodClaims())); reasonOf(t, err) != gate.Audience {
		t.Errorf("got %v, want a refusal for the audience", err)
	}
	if policy.Domains[0] != "EXAMPLE.com" {
		t.Errorf("the policy's own domain became %q", policy.Domains[0])
	}
}
