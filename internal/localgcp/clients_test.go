package localgcp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	gcemetadata "cloud.google.com/go/compute/metadata"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/googleapi"
	api "google.golang.org/api/iamcredentials/v1"
	"google.golang.org/api/option"

	"github.com/authcall/authcall/internal/localgcp/apps"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// onMachine makes this process think that it runs on a machine of the server's:
// it sets the whole environment that Google's libraries look at.
func onMachine(t *testing.T, s *Server) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	t.Setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "")
	for _, v := range s.Env() {
		t.Setenv(v.Name, v.Value)
	}
}

func credentials(t testing.TB) *google.Credentials {
	t.Helper()
	c, err := google.FindDefaultCredentials(t.Context(), iam.CloudPlatform)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func credentialsClient(t testing.TB, s *Server, source oauth2.TokenSource) *api.ProjectsServiceAccountsService {
	t.Helper()
	service, err := api.NewService(t.Context(), option.WithEndpoint(s.apiURL+"/"), option.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	return service.Projects.ServiceAccounts
}

func idToken(ctx context.Context, client *api.ProjectsServiceAccountsService, account, audience string) (string, error) {
	answer, err := client.GenerateIdToken("projects/-/serviceAccounts/"+account, &api.GenerateIdTokenRequest{Audience: audience, IncludeEmail: true}).Context(ctx).Do()
	if err != nil {
		return "", err
	}
	return answer.Token, nil
}

// One environment at a time: this test is not parallel.
func TestTheWholeWayWithGooglesLibraries(t *testing.T) {
	s := start(t, Options{})
	onMachine(t, s)
	if !gcemetadata.OnGCE() {
		t.Fatal("the metadata library does not find the machine")
	}
	ambient := credentials(t)
	if ambient.ProjectID != "local-project" {
		t.Errorf("got project %q, want local-project", ambient.ProjectID)
	}
	if universe, err := ambient.GetUniverseDomain(); err != nil || universe != "googleapis.com" {
		t.Errorf("got universe %q, %v, want googleapis.com", universe, err)
	}
	client := credentialsClient(t, s, ambient.TokenSource)
	audiences := map[string]string{"hello": s.ServiceURL("hello"), "dashboard": s.Example("iap")["audience"]}
	for service, audience := range audiences {
		token, err := idToken(t.Context(), client, callerAccount, audience)
		if err != nil {
			t.Fatal(err)
		}
		status, body := fetch(t, http.MethodPost, s.ServiceURL(service)+"/x", `{"n":1}`, http.Header{"Authorization": {"Bearer " + token}})
		var greeting apps.Greeting
		if err := json.Unmarshal([]byte(body), &greeting); err != nil || status != http.StatusOK {
			t.Fatalf("%s: got %d %s", service, status, body)
		}
		if greeting.Caller != callerAccount || string(greeting.Body) != `{"n":1}` {
			t.Errorf("%s: got %+v, want a greeting of %s", service, greeting, callerAccount)
		}
	}
	if _, err := gcemetadata.GetWithContext(t.Context(), "instance/service-accounts/default/identity?audience=a"); err == nil {
		t.Error("the metadata server gives ID tokens, want none as on Vertex AI")
	}
}

func TestTheSubmittersCredentialsFile(t *testing.T) {
	s := start(t, Options{})
	onMachine(t, s)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", s.SubmitterCredentialsFile())
	token, err := credentials(t).TokenSource.Token()
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.directory.Authenticate(token.AccessToken); err != nil || p.Email != "developer@example.com" {
		t.Errorf("got a token of %q, %v, want developer@example.com", p.Email, err)
	}
	if _, err := idToken(t.Context(), credentialsClient(t, s, oauth2.StaticTokenSource(token)), callerAccount, "a"); err != nil {
		t.Errorf("the developer as caller: %v", err)
	}
}

func TestServersOnOneStateDirectoryHaveTheirOwnCredentials(t *testing.T) {
	t.Parallel()
	c := parse(t, string(DefaultYAML()))
	c.Credentials = []Credentials{{Name: "key", Kind: ServiceAccountKey, Account: callerAccount}}
	o := Options{StateDir: t.TempDir(), Config: c}
	first := start(t, o)
	if err := first.Advance(2 * developerTokenLife); err != nil {
		t.Fatal(err)
	}
	files := func(s *Server) []string {
		return []string{s.SubmitterCredentialsFile(), s.accessTokenFile(), s.CredentialsFile("key")}
	}
	before := contents(t, files(first))
	second, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	own := files(second)
	contents(t, own)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range own {
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			t.Errorf("%s: got %v, want that the file is gone with its server", file, err)
		}
	}
	if diff := cmp.Diff(before, contents(t, files(first))); diff != "" {
		t.Errorf("the first one's files (-before +after):\n%s", diff)
	}
}

// contents are what files hold.
func contents(t *testing.T, files []string) []string {
	t.Helper()
	var all []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(data))
	}
	return all
}

func TestTheAccessTokenFile(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	token, err := os.ReadFile(environment(s)["CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.directory.Authenticate(string(token)); err != nil || p.Email != "developer@example.com" {
		t.Errorf("got a token of %q, %v, want developer@example.com", p.Email, err)
	}
	status, body := fetch(t, http.MethodGet, s.apiURL+"/v1/projects/-/serviceAccounts/"+callerAccount, "", http.Header{"Authorization": {"Bearer " + string(token)}})
	if status != http.StatusOK || !strings.Contains(body, callerAccount) {
		t.Errorf("describe the caller: got %d %s", status, body)
	}
}

func TestConfigDecides(t *testing.T) {
	t.Parallel()
	const two = `
accounts:
  - email: a@local-project.iam.gserviceaccount.com
    scopes: [SCOPE]
  - email: b@local-project.iam.gserviceaccount.com
users: [u@example.com]
bindings:
  - role: roles/iam.serviceAccountOpenIdTokenCreator
    resource: serviceAccounts/b@local-project.iam.gserviceaccount.com
    members: [MEMBER]
`
	const a, b = "a@local-project.iam.gserviceaccount.com", "b@local-project.iam.gserviceaccount.com"
	tests := []struct {
		name, scope, member, more string
		want                      []int // of calls in a row
	}{
		{name: "bound", want: []int{200}},
		{name: "not bound", member: "user:u@example.com", want: []int{403}},
		{name: "narrow scopes", scope: "https://www.googleapis.com/auth/devstorage.read_only", want: []int{403}},
		{name: "scope of the API alone", scope: "https://www.googleapis.com/auth/iam", want: []int{200}},
		{name: "API disabled", more: "disabled_apis: [iamcredentials.googleapis.com]", want: []int{403}},
		{name: "another API disabled", more: "disabled_apis: [iam.googleapis.com]", want: []int{200}},
		{name: "faults", more: "faults: [{api: iamcredentials.googleapis.com, code: 503, times: 2}]", want: []int{503, 503, 200}},
		{name: "fault of a method", more: "faults: [{api: iamcredentials.googleapis.com, method: generateIdToken, code: 429}]", want: []int{429, 429}},
		{name: "fault of another method", more: "faults: [{api: iamcredentials.googleapis.com, method: signJwt, code: 429}]", want: []int{200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			scope, member := tt.scope, tt.member
			if scope == "" {
				scope = iam.CloudPlatform
			}
			if member == "" {
				member = "serviceAccount:" + a
			}
			s := start(t, Options{Config: parse(t, strings.NewReplacer("SCOPE", scope, "MEMBER", member).Replace(two)+tt.more)})
			p, err := s.principal(a)
			if err != nil {
				t.Fatal(err)
			}
			token, _, err := s.directory.AccessToken(p, s.config.scopesOf(a), developerTokenLife)
			if err != nil {
				t.Fatal(err)
			}
			client := credentialsClient(t, s, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}))
			for i, want := range tt.want {
				_, err := idToken(t.Context(), client, b, "audience")
				got := http.StatusOK
				if refusal, ok := errors.AsType[*googleapi.Error](err); ok {
					got = refusal.Code
				} else if err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("call %d: got %d, want %d (%v)", i+1, got, want, err)
				}
			}
		})
	}
}
