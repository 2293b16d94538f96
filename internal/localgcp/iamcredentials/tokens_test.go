package iamcredentials_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/googleapis/gax-go/v2/apierror"
	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"
	api "google.golang.org/api/iamcredentials/v1"
	"google.golang.org/api/option"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// client is Google's own client of the API, as the principal.
func (w *world) client(t testing.TB, email string) *api.ProjectsServiceAccountsService {
	t.Helper()
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: w.token(t, email)})
	service, err := api.NewService(t.Context(), option.WithEndpoint(w.URL+"/"), option.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	return service.Projects.ServiceAccounts
}

// holder verifies an ID token as a service would.
func (w *world) holder(t testing.TB, token string) *gate.Claims {
	t.Helper()
	g, err := gate.New(t.Context(), gate.Policy{Audiences: []string{"https://hello.example.com"}, Keys: w.issuer.IDTokenKeys(), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := g.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestGenerateIDToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	account, _ := w.directory.Lookup(caller)
	tests := []struct {
		name, target string
		request      api.GenerateIdTokenRequest
		wantEmail    string
	}{
		{"without email", caller, api.GenerateIdTokenRequest{}, ""},
		{"with email", caller, api.GenerateIdTokenRequest{IncludeEmail: true}, caller},
		{"by the numeric id", account.ID, api.GenerateIdTokenRequest{IncludeEmail: true}, caller},
		{"through a delegate", caller, api.GenerateIdTokenRequest{IncludeEmail: true, Delegates: []string{prefix + middle}}, caller},
		{"with an organization number", caller, api.GenerateIdTokenRequest{OrganizationNumberIncluded: true}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.request.Audience = "https://hello.example.com"
			answer, err := w.client(t, pipeline).GenerateIdToken(prefix+tt.target, &tt.request).Context(t.Context()).Do()
			if err != nil {
				t.Fatal(err)
			}
			if got := w.holder(t, answer.Token); got.Subject != account.ID || got.Email != tt.wantEmail {
				t.Errorf("got a token of %s %q, want %s %q", got.Subject, got.Email, account.ID, tt.wantEmail)
			}
		})
	}
}

func TestIncludeEmailInEverySpelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for spelling, want := range map[string]string{`true`: caller, `"true"`: caller, `"TRUE"`: caller, `false`: "", `"False"`: "", `null`: ""} {
		status, answer, _ := w.post(t, w.token(t, pipeline), prefix+caller+":generateIdToken",
			`{"audience":"https://hello.example.com","delegates":null,"includeEmail":`+spelling+`}`)
		token, _ := answer["token"].(string)
		if status != 200 {
			t.Errorf("%s: got %d %v", spelling, status, answer)
		} else if got := w.holder(t, token).Email; got != want {
			t.Errorf("%s: got email %q, want %q", spelling, got, want)
		}
	}
}

func TestGenerateAccessToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	tests := []struct {
		name, lifetime string
		want           time.Duration
	}{
		{"for an hour", "", time.Hour},
		{"for ten minutes", "600s", 10 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer, err := w.client(t, pipeline).GenerateAccessToken(prefix+caller, &api.GenerateAccessTokenRequest{
				Scope: []string{"scope-a"}, Lifetime: tt.lifetime, Delegates: []string{prefix + middle},
			}).Context(t.Context()).Do()
			if err != nil {
				t.Fatal(err)
			}
			holder, expires, err := w.directory.Introspect(answer.AccessToken)
			if err != nil {
				t.Fatal(err)
			}
			if holder.Email != caller || !cmp.Equal(holder.Scopes, []string{"scope-a"}) || !expires.Equal(start.Add(tt.want)) {
				t.Errorf("got %s with %q until %s", holder.Email, holder.Scopes, expires)
			}
			if want := start.Add(tt.want).Format(time.RFC3339); answer.ExpireTime != want {
				t.Errorf("got expireTime %s, want %s", answer.ExpireTime, want)
			}
		})
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	client := w.client(t, middle)
	jwt, err := client.SignJwt(prefix+caller, &api.SignJwtRequest{Payload: `{"iss":"me"}`}).Context(t.Context()).Do()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := w.issuer.AccountKeys(caller).VerifySignature(t.Context(), jwt.SignedJwt)
	if err != nil || string(payload) != `{"iss":"me"}` {
		t.Errorf("got payload %q, %v, want the one that was to be signed", payload, err)
	}
	blob, err := client.SignBlob(prefix+caller, &api.SignBlobRequest{Payload: base64.StdEncoding.EncodeToString([]byte("blob"))}).Context(t.Context()).Do()
	if err != nil {
		t.Fatal(err)
	}
	if blob.KeyId != jwt.KeyId {
		t.Errorf("got keys %s and %s of one account, want the same", jwt.KeyId, blob.KeyId)
	}
	if _, err := base64.StdEncoding.DecodeString(blob.SignedBlob); err != nil {
		t.Errorf("signed blob: %v", err)
	}
}

// Google's client must find in a refusal what our step decides on.
func TestGooglesClientUnderstandsRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, err := w.client(t, caller).GenerateIdToken(prefix+pipeline, &api.GenerateIdTokenRequest{Audience: "a"}).Context(t.Context()).Do()
	plain, ok := errors.AsType[*googleapi.Error](err)
	if !ok || plain.Code != 403 {
		t.Fatalf("got %v, want a googleapi.Error of 403", err)
	}
	told, ok := errors.AsType[*apierror.APIError](err)
	if !ok || told.Reason() != "IAM_PERMISSION_DENIED" || told.Domain() != "iam.googleapis.com" || told.Metadata()["permission"] != iam.GetOpenIDToken {
		t.Errorf("got %+v, want IAM_PERMISSION_DENIED of %s", told, iam.GetOpenIDToken)
	}
}

func TestFaultsAreOfOneMethod(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(f *apifront.Front) {
		f.Faults = apifront.NewFaults(apifront.Fault{Method: "generateIdToken", Code: 503, Times: 1, RetryAfter: 7 * time.Second})
	})
	calls := []struct {
		verb, body string
		want       int
	}{
		{"generateAccessToken", `{"scope":["x"]}`, 200},
		{"generateIdToken", `{"audience":"a"}`, 503},
		{"generateIdToken", `{"audience":"a"}`, 200},
	}
	for _, c := range calls {
		status, _, header := w.post(t, w.token(t, middle), prefix+caller+":"+c.verb, c.body)
		if status != c.want {
			t.Errorf("%s: got %d, want %d", c.verb, status, c.want)
		}
		if got := header.Get("Retry-After"); (status == 503) != (got == "7") {
			t.Errorf("%s: got %d with Retry-After %q", c.verb, status, got)
		}
	}
}
