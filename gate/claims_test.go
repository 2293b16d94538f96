package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/gate"
)

func TestVerifyReturnsTheClaims(t *testing.T) {
	t.Parallel()
	g := newGate(t, gate.Policy{Audiences: []string{audience}})
	claims, err := g.Verify(t.Context(), good(t, with(map[string]any{"google": map[string]any{"organization_number": 7}})))
	if err != nil {
		t.Fatal(err)
	}
	var more struct {
		Google struct {
			OrganizationNumber int `json:"organization_number"`
		} `json:"google"`
	}
	if err := claims.Decode(&more); err != nil || more.Google.OrganizationNumber != 7 {
		t.Errorf("Decode gave %+v, %v, want organization number 7", more, err)
	}
	got := []any{claims.Issuer, claims.Subject, claims.AuthorizedParty, claims.Audience, claims.Email, claims.IssuedAt.Unix(), claims.Expires.Unix()}
	want := []any{"https://accounts.google.com", subject, subject, []string{audience}, caller, now.Unix(), now.Add(time.Hour).Unix()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestVerifyClaims(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change map[string]any
		policy gate.Policy
		want   gate.Reason
	}{
		{name: "as Google makes it"},
		{name: "issuer without scheme", change: map[string]any{"iss": "accounts.google.com"}},
		{name: "no email", change: map[string]any{"email": nil, "email_verified": nil}},
		{name: "foreign issuer", change: map[string]any{"iss": "https://accounts.google.com.evil.example"}, want: gate.Issuer},
		{name: "no issuer", change: map[string]any{"iss": nil}, want: gate.Issuer},
		{name: "own issuer", change: map[string]any{"iss": "https://issuer.example"}, policy: gate.Policy{Issuers: []string{"https://issuer.example"}}},
		{name: "one of several audiences accepted", policy: gate.Policy{Audiences: []string{"other", audience}}},
		{name: "foreign audience", change: map[string]any{"aud": "https://other.example.com"}, want: gate.Audience},
		{name: "audience with a slash more", change: map[string]any{"aud": audience + "/"}, want: gate.Audience},
		{name: "no audience", change: map[string]any{"aud": nil}, want: gate.Audience},
		{name: "array of our audience", change: map[string]any{"aud": []string{audience}}},
		{name: "array with a foreign audience beside ours", change: map[string]any{"aud": []string{audience, "https://evil.example"}}, want: gate.Audience},
		{name: "empty array", change: map[string]any{"aud": []string{}}, want: gate.Audience},
		{name: "audience of a wrong type", change: map[string]any{"aud": 7}, want: gate.Malformed},
		{name: "ended an hour ago", change: map[string]any{"exp": now.Add(-time.Hour).Unix()}, want: gate.Expired},
		{name: "ended ten seconds ago", change: map[string]any{"exp": now.Add(-10 * time.Second).Unix()}, want: gate.Expired},
		{name: "ended nine seconds ago", change: map[string]any{"exp": now.Add(-9 * time.Second).Unix()}},
		{name: "ended within a longer leeway", change: map[string]any{"exp": now.Add(-59 * time.Second).Unix()}, policy: gate.Policy{Leeway: time.Minute}},
		{name: "ended after a shorter leeway", change: map[string]any{"exp": now.Add(-9 * time.Second).Unix()}, policy: gate.Policy{Leeway: time.Second}, want: gate.Expired},
		{name: "no end", change: map[string]any{"exp": nil}, want: gate.Malformed},
		{name: "end as text", change: map[string]any{"exp": "tomorrow"}, want: gate.Malformed},
		{name: "issued in ten seconds", change: map[string]any{"iat": now.Add(10 * time.Second).Unix()}},
		{name: "issued in eleven seconds", change: map[string]any{"iat": now.Add(11 * time.Second).Unix()}, want: gate.NotYetValid},
		{name: "issued within a longer leeway", change: map[string]any{"iat": now.Add(time.Minute).Unix()}, policy: gate.Policy{Leeway: time.Minute}},
		{name: "not before a future time", change: map[string]any{"nbf": now.Add(time.Minute).Unix()}, want: gate.NotYetValid},
		{name: "not before a past time", change: map[string]any{"nbf": now.Add(-time.Minute).Unix()}},
		{name: "no time of issue", change: map[string]any{"iat": nil}, want: gate.Malformed},
		{name: "no subject", change: map[string]any{"sub": nil}, want: gate.Malformed},
		{name: "email not verified", change: map[string]any{"email_verified": false}, want: gate.EmailNotVerified},
		{name: "email said to be verified by a text", change: map[string]any{"email_verified": "true"}, want: gate.Malformed},
		{name: "email of which nothing is said", change: map[string]any{"email_verified": nil}, want: gate.EmailNotVerified},
	}
	keys := newKeyServer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.policy.Audiences == nil {
				tt.policy.Audiences = []string{audience}
			}
			tt.policy.KeysURL = keys.URL
			_, err := newGate(t, tt.policy).Verify(t.Context(), good(t, with(tt.change)))
			if got := reasonOf(t, err); got != tt.want {
				t.Errorf("got reason %q, want %q (%v)", got, tt.want, err)
			}
		})
	}
}

func TestVerifyCallers(t *testing.T) {
	t.Parallel()
	person := map[string]any{"email": "Ann@Example.com", "hd": "Example.com"}
	guest := map[string]any{"email": "ann@example.com"}
	tests := []struct {
		name   string
		change map[string]any
		policy gate.Policy
		want   gate.Reason
	}{
		{name: "email on the list", policy: gate.Policy{Emails: []string{"x@example.com", caller}}},
		{name: "email not on the list", policy: gate.Policy{Emails: []string{"x@example.com"}}, want: gate.CallerNotAllowed},
		{name: "email in other letters", policy: gate.Policy{Emails: []string{strings.ToUpper(caller)}}, want: gate.CallerNotAllowed},
		{name: "no email with a list", change: map[string]any{"email": nil}, policy: gate.Policy{Emails: []string{caller}}, want: gate.CallerNotAllowed},
		{name: "subject on the list", policy: gate.Policy{Subjects: []string{"7", subject}}},
		{name: "subject on the list, no email", change: map[string]any{"email": nil}, policy: gate.Policy{Subjects: []string{subject}}},
		{name: "subject not on the list", policy: gate.Policy{Subjects: []string{subject + "0"}}, want: gate.CallerNotAllowed},
		{name: "subject that is an email", policy: gate.Policy{Subjects: []string{caller}}, want: gate.CallerNotAllowed},
		{name: "project of a service account", policy: gate.Policy{Domains: []string{"local-project.iam.gserviceaccount.com"}}},
		{name: "other project", policy: gate.Policy{Domains: []string{"project.iam.gserviceaccount.com"}}, want: gate.CallerNotAllowed},
		{name: "all projects", policy: gate.Policy{Domains: []string{"iam.gserviceaccount.com"}}, want: gate.CallerNotAllowed},
		{name: "Workspace domain", change: person, policy: gate.Policy{Domains: []string{"EXAMPLE.com"}}},
		{name: "other Workspace domain", change: person, policy: gate.Policy{Domains: []string{"example.org"}}, want: gate.CallerNotAllowed},
		{name: "Google account with an address of the domain", change: guest, policy: gate.Policy{Domains: []string{"example.com"}}, want: gate.CallerNotAllowed},
		{name: "address with two signs", change: map[string]any{"email": "a@" + caller}, policy: gate.Policy{Domains: []string{"local-project.iam.gserviceaccount.com"}}, want: gate.CallerNotAllowed},
		{name: "address of a domain by another issuer", change: map[string]any{"iss": "https://issuer.example", "email": "ann@example.com"}, policy: gate.Policy{Issuers: []string{"https://issuer.example"}, Domains: []string{"example.com"}}},
		{name: "no email and a domain", change: map[string]any{"email": nil}, policy: gate.Policy{Domains: []string{"example.com"}}, want: gate.CallerNotAllowed},
		{name: "on one list of several", policy: gate.Policy{Emails: []string{"x@example.com"}, Subjects: []string{subject}, Domains: []string{"example.com"}}},
		{name: "on none of several", policy: gate.Policy{Emails: []string{"x@example.com"}, Subjects: []string{"7"}, Domains: []string{"example.com"}}, want: gate.CallerNotAllowed},
		{name: "on the list but not verified", change: map[string]any{"email_verified": false}, policy: gate.Policy{Subjects: []string{subject}}, want: gate.EmailNotVerified},
	}
	keys := newKeyServer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.policy.Audiences, tt.policy.KeysURL = []string{audience}, keys.URL
			_, err := newGate(t, tt.policy).Verify(t.Context(), good(t, with(tt.change)))
			if got := reasonOf(t, err); got != tt.want {
				t.Errorf("got reason %q, want %q (%v)", got, tt.want, err)
			}
		})
	}
}

func TestVerifyAssertionsOfIAP(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		token string
		want  gate.Reason
	}{
		{"as IAP makes it", assertion(t, nil), ""},
		{"other application", assertion(t, map[string]any{"aud": iapAudience + "7"}), gate.Audience},
		{"other issuer", assertion(t, map[string]any{"iss": "https://accounts.google.com"}), gate.Issuer},
		{"ended", assertion(t, map[string]any{"exp": now.Add(-time.Minute).Unix()}), gate.Expired},
		{"not verified", assertion(t, map[string]any{"email_verified": false}), gate.EmailNotVerified},
		{"ID token", good(t, goodClaims()), gate.Algorithm},
	}
	g := iapGate(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			claims, err := g.Verify(t.Context(), tt.token)
			if got := reasonOf(t, err); got != tt.want {
				t.Fatalf("got reason %q, want %q (%v)", got, tt.want, err)
			}
			if err == nil && (claims.Email != caller || claims.Subject != "accounts.google.com:"+subject) {
				t.Errorf("claims = %+v", claims)
			}
		})
	}
}
