package gate_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"google.golang.org/api/idtoken"
	"google.golang.org/api/option"

	"github.com/authcall/authcall/gate"
)

// published answers every request with the good key, as Google would.
type published []byte

func (p published) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Cache-Control": {"public, max-age=20000"}, "Content-Type": {"application/json"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(string(p))), Request: r}, nil
}

// rivals are three ways to let one caller in, with the same keys: the peers' are
// those that their documentation shows.
func rivals(b *testing.B) map[string]func(ctx context.Context, token string) error {
	b.Helper()
	client := &http.Client{Transport: published(jwks(b, rsaKey(b, "key-1", makeKeys)))}
	g, err := gate.New(b.Context(), gate.Policy{Audiences: []string{audience}, Emails: []string{caller}, HTTPClient: client})
	if err != nil {
		b.Fatal(err)
	}
	validator, err := idtoken.NewValidator(b.Context(), option.WithHTTPClient(client))
	if err != nil {
		b.Fatal(err)
	}
	ctx := oidc.ClientContext(b.Context(), client)
	verifier := oidc.NewVerifier("https://accounts.google.com", oidc.NewRemoteKeySet(ctx, gate.GoogleKeysURL), &oidc.Config{ClientID: audience})
	return map[string]func(context.Context, string) error{
		"gate": func(ctx context.Context, token string) error { _, err := g.Verify(ctx, token); return err },
		"idtoken.Validate": func(ctx context.Context, token string) error {
			payload, err := validator.Validate(ctx, token, audience)
			if err != nil {
				return err
			}
			email, _ := payload.Claims["email"].(string)
			verified, _ := payload.Claims["email_verified"].(bool)
			return wantCaller(email, verified)
		},
		"go-oidc": func(ctx context.Context, token string) error {
			idToken, err := verifier.Verify(ctx, token)
			if err != nil {
				return err
			}
			var claims struct {
				Email    string `json:"email"`
				Verified bool   `json:"email_verified"`
			}
			if err := idToken.Claims(&claims); err != nil {
				return err
			}
			return wantCaller(claims.Email, claims.Verified)
		},
	}
}

func wantCaller(email string, verified bool) error {
	if email != caller || !verified {
		return fmt.Errorf("got email %q, verified %t, want %q, verified", email, verified, caller)
	}
	return nil
}

// tokens makes n good tokens, each of another holder.
func tokens(b *testing.B, n int) []string {
	b.Helper()
	clock := time.Now()
	all := make([]string, n)
	for i := range all {
		all[i] = good(b, with(map[string]any{"iat": clock.Unix(), "exp": clock.Add(time.Hour).Unix(), "sub": fmt.Sprint(i)}))
	}
	return all
}

// BenchmarkVerify takes the ways in turn, one token each, so that a busy machine
// slows all alike. Of the times it takes the median, which a pause of the machine
// does not move; it reports what each way does in a second on one core, and how
// many times as fast the gate is: where callers send their tokens again, and where
// there are more of them than a gate knows again, so that each is new to it.
func BenchmarkVerify(b *testing.B) {
	for _, workload := range []struct {
		name    string
		callers int
	}{{"64_callers", 64}, {"every_token_new", 1500}} {
		b.Run(workload.name, func(b *testing.B) { compare(b, tokens(b, workload.callers)) })
	}
}

func compare(b *testing.B, all []string) {
	b.Helper()
	verify := rivals(b)
	names := []string{"gate", "idtoken.Validate", "go-oidc"}
	for _, name := range names { // the first fetches the keys
		if err := verify[name](b.Context(), all[0]); err != nil {
			b.Fatalf("%s: %v", name, err)
		}
	}
	spent := map[string][]time.Duration{}
	for rounds := 0; b.Loop(); rounds++ {
		token := all[rounds%len(all)]
		for i := range names {
			name := names[(i+rounds)%len(names)]
			start := time.Now()
			if err := verify[name](b.Context(), token); err != nil {
				b.Fatalf("%s: %v", name, err)
			}
			spent[name] = append(spent[name], time.Since(start))
		}
	}
	gates := median(spent["gate"])
	for _, name := range names {
		b.ReportMetric(1/median(spent[name]).Seconds(), name+"/s")
		if name != "gate" {
			b.ReportMetric(float64(median(spent[name]))/float64(gates), "gate:"+name)
		}
	}
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkVerifyParallel shows that requests do not wait for one another.
func BenchmarkVerifyParallel(b *testing.B) {
	token := tokens(b, 1)[0]
	for name, one := range rivals(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := one(b.Context(), token); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
