package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/backoff"
)

const caller = "caller@p.iam.gserviceaccount.com"

func newSource(g *fakeGoogle, o Options) *Source {
	o.IAMEndpoint = g.url + "/"
	o.Transport = http.DefaultTransport
	o.UserAgent = "test"
	o.Log = zerolog.Nop()
	o.Backoff = backoff.Policy{Base: 1, Max: time.Hour, Sleep: func(context.Context, time.Duration) error { return nil }}
	if o.Audience == "" {
		o.Audience = "https://svc"
	}
	return NewSource(o)
}

// The tests of this file share one metadata server, so they are not parallel.

func TestCredential(t *testing.T) {
	const bearer = " Bearer ya29.ambient "
	const account = "/v1/projects/-/serviceAccounts/"
	cases := []struct {
		name    string
		options Options
		answers map[string]http.HandlerFunc
		want    Credential
		asked   []string
	}{
		{
			name:    "an ID token of another account",
			options: Options{Kind: Auto, ServiceAccount: caller},
			want:    Credential{Kind: IDToken, CalledAs: caller},
			asked:   []string{"token", account + caller + ":generateIdToken" + bearer + `{"audience":"https://svc","includeEmail":true}`},
		},
		{
			name:    "through delegates",
			options: Options{Kind: Auto, ServiceAccount: caller, Delegates: []string{"a@p", "b@p"}},
			want:    Credential{Kind: IDToken, CalledAs: caller},
			asked: []string{"token", account + caller + ":generateIdToken" + bearer +
				`{"audience":"https://svc","delegates":["projects/-/serviceAccounts/a@p","projects/-/serviceAccounts/b@p"],"includeEmail":true}`},
		},
		{
			name:    "of its own account where the metadata server mints none (404)",
			options: Options{Kind: Auto},
			want:    Credential{Kind: IDToken, CalledAs: "pipeline@p.iam.gserviceaccount.com"},
			asked: []string{"identity", "email", "token",
				account + "pipeline@p.iam.gserviceaccount.com:generateIdToken" + bearer + `{"audience":"https://svc","includeEmail":true}`},
		},
		{
			name:    "of its own account where the metadata server refuses (401)",
			options: Options{Kind: Auto},
			answers: map[string]http.HandlerFunc{"identity": status(401, "Unauthorized")},
			want:    Credential{Kind: IDToken, CalledAs: "pipeline@p.iam.gserviceaccount.com"},
			asked: []string{"identity", "email", "token",
				account + "pipeline@p.iam.gserviceaccount.com:generateIdToken" + bearer + `{"audience":"https://svc","includeEmail":true}`},
		},
		{
			name:    "from the metadata server where it mints them",
			options: Options{Kind: Auto},
			answers: map[string]http.HandlerFunc{"identity": text(newJWT(t, time.Hour))},
			want:    Credential{Kind: IDToken, CalledAs: "pipeline@p.iam.gserviceaccount.com"},
			asked:   []string{"identity", "email"},
		},
		{
			name:    "the ambient access token",
			options: Options{Kind: AccessToken},
			want:    Credential{Kind: AccessToken, CalledAs: "pipeline@p.iam.gserviceaccount.com"},
			asked:   []string{"token", "email"},
		},
		{
			name:    "an access token of another account",
			options: Options{Kind: AccessToken, ServiceAccount: caller},
			want:    Credential{Kind: AccessToken, CalledAs: caller},
			asked:   []string{"token", account + caller + ":generateAccessToken" + bearer + `{"scope":["https://www.googleapis.com/auth/cloud-platform"]}`},
		},
		{
			name:    "none",
			options: Options{Kind: None},
			want:    Credential{Kind: None},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := reset(t)
			for name, answer := range c.answers {
				g.set(name, answer)
			}
			got, err := newSource(g, c.options).Credential(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if (got.Token == "") != (c.want.Kind == None) {
				t.Errorf("token present: %v, want it for all kinds but none", got.Token != "")
			}
			got.Token, got.Expiry = "", time.Time{}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("credential (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.asked, g.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIAPTokensAreSignedByTheAccount(t *testing.T) {
	g := reset(t)
	got, err := newSource(g, Options{Kind: IAPJWT, ServiceAccount: caller, Audience: "https://app/x"}).Credential(t.Context())
	if err != nil || got.Token.Reveal() != "signed" || got.Kind != IAPJWT {
		t.Fatalf("Credential = %+v, %v", got, err)
	}
	request := g.last(":signJwt")
	for _, want := range []string{caller + ":signJwt", `\"iss\":\"` + caller, `\"sub\":\"` + caller, `\"aud\":\"https://app/x\"`} {
		if !strings.Contains(request, want) {
			t.Errorf("request %s, want %s in it", request, want)
		}
	}
	if life := time.Until(got.Expiry); life > time.Hour || life < 50*time.Minute {
		t.Errorf("the JWT lives %v, want just under the hour that IAP allows", life)
	}
}

func TestOneMintServesAll(t *testing.T) {
	g := reset(t)
	s := newSource(g, Options{Kind: IDToken, ServiceAccount: caller})
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			for range 157 {
				if _, err := s.Credential(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if n := g.count("generateIdToken"); n != 1 {
		t.Errorf("minted %d times for 10048 calls, want once", n)
	}
}

func TestATokenIsMintedAgainNearItsOwnExpiry(t *testing.T) {
	g := reset(t)
	g.set("generateIdToken", jsonOf(map[string]string{"token": newJWT(t, earlyRefresh-time.Second)}))
	s := newSource(g, Options{Kind: IDToken, ServiceAccount: caller})
	for range 2 {
		if _, err := s.Credential(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := g.count("generateIdToken"); n != 2 {
		t.Errorf("minted %d times, want twice: the first was about to expire", n)
	}
}

func TestRenewReplacesTheStaleOneOnly(t *testing.T) {
	g := reset(t)
	s := newSource(g, Options{Kind: IDToken, ServiceAccount: caller})
	first, err := s.Credential(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g.set("generateIdToken", jsonOf(map[string]string{"token": newJWT(t, 2*time.Hour)}))
	second, err := s.Renew(t.Context(), first)
	if err != nil || second.Token == first.Token {
		t.Fatalf("Renew = %v, want another token", err)
	}
	again, err := s.Renew(t.Context(), first)
	if err != nil || again.Token != second.Token || g.count("generateIdToken") != 2 {
		t.Errorf("a second renewal of the same stale token minted again, want the one that is there")
	}
}

func TestRefusals(t *testing.T) {
	denied := fmt.Sprintf(`{"error":{"code":403,"message":"Permission 'iam.serviceAccounts.getOpenIdToken' denied on resource (or it may not exist).","status":"PERMISSION_DENIED","details":[
		{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"IAM_PERMISSION_DENIED","domain":"iam.googleapis.com","metadata":{"permission":%q}}]}}`, "iam.serviceAccounts.getOpenIdToken")
	cases := []struct {
		name    string
		answers map[string]http.HandlerFunc
		want    Error
		minted  int
	}{
		{
			name:    "no binding",
			answers: map[string]http.HandlerFunc{"generateIdToken": status(403, denied)},
			want: Error{Op: "mint an ID token", Account: caller, Audience: "https://svc", Status: 403, Reason: "IAM_PERMISSION_DENIED", Attempts: 1,
				Metadata: map[string]string{"permission": "iam.serviceAccounts.getOpenIdToken"},
				Message:  "Permission 'iam.serviceAccounts.getOpenIdToken' denied on resource (or it may not exist)."},
			minted: 1,
		},
		{
			name:    "unknown account",
			answers: map[string]http.HandlerFunc{"generateIdToken": status(404, `{"error":{"code":404,"message":"Not found; Gaia id not found for email x","status":"NOT_FOUND"}}`)},
			want:    Error{Op: "mint an ID token", Account: caller, Audience: "https://svc", Status: 404, Attempts: 1, Message: "Not found; Gaia id not found for email x"},
			minted:  1,
		},
		{
			name:    "busy to the end",
			answers: map[string]http.HandlerFunc{"generateIdToken": status(429, `{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}`)},
			want:    Error{Op: "mint an ID token", Account: caller, Audience: "https://svc", Status: 429, Attempts: 4, Message: "Quota exceeded"},
			minted:  4,
		},
		{
			name:    "concealed metadata",
			answers: map[string]http.HandlerFunc{"token": status(403, "This metadata endpoint is concealed.")},
			want:    Error{Op: "get the ambient access token", Status: 403, Message: "This metadata endpoint is concealed."},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := reset(t)
			for name, answer := range c.answers {
				g.set(name, answer)
			}
			_, err := newSource(g, Options{Kind: IDToken, ServiceAccount: caller}).Credential(t.Context())
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("error = %v, want an *Error", err)
			}
			c.want.Principal, c.want.Err = "pipeline@p.iam.gserviceaccount.com", got.Err
			if diff := cmp.Diff(c.want, *got, cmp.Comparer(errors.Is)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if n := g.count("generateIdToken"); n != c.minted {
				t.Errorf("asked %d times, want %d", n, c.minted)
			}
			if n := g.count("token"); n != 1 {
				t.Errorf("asked for the ambient token %d times, want once", n)
			}
		})
	}
}

func TestATokenIsNotPrinted(t *testing.T) {
	c := Credential{Token: "hunter2"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, c); strings.Contains(got, "hunter2") || strings.Contains(got, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
