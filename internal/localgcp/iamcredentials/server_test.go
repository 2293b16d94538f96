package iamcredentials_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/iamcredentials"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

const (
	pipeline = "pipeline@local-project.iam.gserviceaccount.com"
	middle   = "middle@local-project.iam.gserviceaccount.com"
	caller   = "caller@local-project.iam.gserviceaccount.com"
	owner    = "owner@example.com"
	prefix   = "projects/-/serviceAccounts/"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func clock() time.Time { return start }

// world is the API with all that it stands on. In it, the pipeline may make ID
// tokens of the caller; it may also delegate to the middle account, which may do
// everything as the caller; the owner owns the project.
type world struct {
	*httptest.Server
	directory *iam.Directory
	issuer    *issuer.Issuer
}

func newWorld(t testing.TB, change func(*apifront.Front)) *world {
	t.Helper()
	account := func(email string) string { return iam.AccountResource("local-project", email) }
	directory, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: pipeline}, {Email: middle}, {Email: caller}},
		Users:    []string{owner},
		Bindings: []iam.Binding{
			{Role: "roles/iam.serviceAccountOpenIdTokenCreator", Members: []string{"serviceAccount:" + pipeline}, Resource: account(caller)},
			{Role: "roles/iam.serviceAccountTokenCreator", Members: []string{"serviceAccount:" + pipeline}, Resource: account(middle)},
			{Role: "roles/iam.serviceAccountTokenCreator", Members: []string{"serviceAccount:" + middle}, Resource: account(caller)},
			{Role: "roles/owner", Members: []string{"user:" + owner}, Resource: "projects/local-project"},
		},
		Secret: []byte(strings.Repeat("s", 32)),
		Now:    clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := issuer.Open(t.TempDir(), clock)
	if err != nil {
		t.Fatal(err)
	}
	front := &apifront.Front{Service: iamcredentials.Service, Title: iamcredentials.Title, Project: "123", Scopes: []string{iamcredentials.Scope}, Callers: directory}
	if change != nil {
		change(front)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /v1/projects/{project}/serviceAccounts/{call}", iamcredentials.New(front, directory, keys, clock))
	w := &world{httptest.NewServer(mux), directory, keys}
	t.Cleanup(w.Close)
	return w
}

// token is an access token of the principal.
func (w *world) token(t testing.TB, email string, scopes ...string) string {
	t.Helper()
	p, ok := w.directory.Lookup(email)
	if !ok {
		t.Fatalf("%s does not exist", email)
	}
	if scopes == nil {
		scopes = []string{iam.CloudPlatform}
	}
	token, _, err := w.directory.AccessToken(p, scopes, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// post makes a call and returns the status and the JSON of the answer.
func (w *world) post(t testing.TB, token, call, body string) (status int, answer map[string]any, header http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/v1/"+call, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := w.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatalf("got %d %q, want JSON", response.StatusCode, data)
	}
	return response.StatusCode, answer, response.Header
}

// failure is an error answer as tests compare it.
type failure struct {
	Code       int
	Status     string
	Message    string
	Reason     string
	Permission string
}

func failureOf(t testing.TB, status int, answer map[string]any) failure {
	t.Helper()
	var document struct {
		Error struct {
			Code    int
			Status  string
			Message string
			Details []struct {
				Type     string `json:"@type"`
				Reason   string
				Metadata map[string]string
			}
		}
	}
	data, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	if document.Error.Code != status {
		t.Errorf("got code %d in an answer of status %d", document.Error.Code, status)
	}
	f := failure{Code: status, Status: document.Error.Status, Message: document.Error.Message}
	for _, d := range document.Error.Details {
		if d.Type == "type.googleapis.com/google.rpc.ErrorInfo" {
			f.Reason, f.Permission = d.Reason, d.Metadata["permission"]
		}
	}
	return f
}

func denied(permission string) failure {
	return failure{403, "PERMISSION_DENIED", "Permission '" + permission + "' denied on resource (or it may not exist).", "IAM_PERMISSION_DENIED", permission}
}

func invalid(message string) failure {
	return failure{Code: 400, Status: "INVALID_ARGUMENT", Message: message}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const good = `{"audience":"a"}`
	gone := failure{Code: 404, Status: "NOT_FOUND", Message: "Not found; Gaia id not found for email gone@local-project.iam.gserviceaccount.com"}
	tests := []struct {
		name, who, call, body string
		want                  failure
	}{
		{"ID token without a binding", caller, prefix + pipeline + ":generateIdToken", good, denied(iam.GetOpenIDToken)},
		{"ID token of oneself without a binding", caller, prefix + caller + ":generateIdToken", good, denied(iam.GetOpenIDToken)},
		{"access token with the role for ID tokens", pipeline, prefix + caller + ":generateAccessToken", `{"scope":["x"]}`, denied(iam.GetAccessToken)},
		{"JWT with the role for ID tokens", pipeline, prefix + caller + ":signJwt", `{"payload":"{}"}`, denied(iam.SignJWT)},
		{"blob with the role for ID tokens", pipeline, prefix + caller + ":signBlob", `{"payload":"YQ=="}`, denied(iam.SignBlob)},
		{"owner, whose role makes no tokens", owner, prefix + caller + ":generateIdToken", good, denied(iam.GetOpenIDToken)},
		{"missing account, to one who may not know", pipeline, prefix + "gone@local-project.iam.gserviceaccount.com:generateIdToken", good, denied(iam.GetOpenIDToken)},
		{"missing account, to the owner", owner, prefix + "gone@local-project.iam.gserviceaccount.com:generateIdToken", good, gone},
		{"missing account of another project, to the owner", owner, prefix + "gone@other-project.iam.gserviceaccount.com:generateIdToken", good, denied(iam.GetOpenIDToken)},
		{"a user as the account", owner, prefix + owner + ":generateIdToken", good, denied(iam.GetOpenIDToken)},
		{"project in place of -", pipeline, "projects/local-project/serviceAccounts/" + caller + ":generateIdToken", good, invalid("Invalid resource name: the project must be '-', got 'local-project'.")},
		{"account default", pipeline, prefix + "default:generateIdToken", good, invalid("Invalid form of account ID default. Should be [Gaia ID |Email |Unique ID |] of the account")},
		{"no audience", pipeline, prefix + caller + ":generateIdToken", `{}`, invalid("Request contains an invalid argument: audience must not be empty.")},
		{"no body", pipeline, prefix + caller + ":generateIdToken", ``, invalid("Request contains an invalid argument: audience must not be empty.")},
		{"unknown field", pipeline, prefix + caller + ":generateIdToken", `{"audience":"a","audiences":[]}`, invalid(`Invalid JSON payload received. Unknown name "audiences": Cannot find field.`)},
		{"wrong type", pipeline, prefix + caller + ":generateIdToken", `{"audience":7}`, invalid("Invalid JSON payload received. Invalid value at 'audience' (string), got number.")},
		{"not JSON", pipeline, prefix + caller + ":generateIdToken", `audience=a`, invalid("Invalid JSON payload received. Parser error.")},
		{"two objects", pipeline, prefix + caller + ":generateIdToken", good + good, invalid("Invalid JSON payload received. Expected one JSON object.")},
		{"boolean in words", pipeline, prefix + caller + ":generateIdToken", `{"audience":"a","includeEmail":"yes"}`, invalid("Invalid JSON payload received. Parser error.")},
		{"delegate without its prefix", pipeline, prefix + caller + ":generateIdToken", `{"audience":"a","delegates":["` + middle + `"]}`, invalid("Invalid delegate '" + middle + "', want projects/-/serviceAccounts/ACCOUNT.")},
		{"delegate that may not be delegated to", caller, prefix + caller + ":generateIdToken", `{"audience":"a","delegates":["` + prefix + middle + `"]}`, denied(iam.ImplicitDelegation)},
		{"last delegate without the permission", pipeline, prefix + pipeline + ":generateIdToken", `{"audience":"a","delegates":["` + prefix + middle + `"]}`, denied(iam.GetOpenIDToken)},
		{"no scope", pipeline, prefix + middle + ":generateAccessToken", `{}`, invalid("Scope required.")},
		{"lifetime in words", pipeline, prefix + middle + ":generateAccessToken", `{"scope":["x"],"lifetime":"1h"}`, invalid(`Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration), "1h"`)},
		{"lifetime too long", pipeline, prefix + middle + ":generateAccessToken", `{"scope":["x"],"lifetime":"3601s"}`, invalid("The token lifetime must be more than 0s and at most 3600s, got 3601s.")},
		{"lifetime of nothing", pipeline, prefix + middle + ":generateAccessToken", `{"scope":["x"],"lifetime":"0s"}`, invalid("The token lifetime must be more than 0s and at most 3600s, got 0s.")},
		{"claims that are no object", pipeline, prefix + middle + ":signJwt", `{"payload":"[]"}`, invalid("The payload must be a JSON object of JWT claims.")},
		{"claims of null", pipeline, prefix + middle + ":signJwt", `{"payload":"null"}`, invalid("The payload must be a JSON object of JWT claims.")},
		{"claims that have ended", pipeline, prefix + middle + ":signJwt", `{"payload":"{\"exp\":1}"}`, invalid("The exp claim must lie in the future, and at most 12 hours.")},
		{"claims that end too late", pipeline, prefix + middle + ":signJwt", `{"payload":"{\"exp\":99999999999}"}`, invalid("The exp claim must lie in the future, and at most 12 hours.")},
		{"claims that end in words", pipeline, prefix + middle + ":signJwt", `{"payload":"{\"exp\":\"soon\"}"}`, invalid("The exp claim must be a number of seconds.")},
		{"no blob", pipeline, prefix + middle + ":signBlob", `{}`, invalid("The payload must not be empty.")},
		{"unknown verb", pipeline, prefix + caller + ":generateMoney", good, failure{Code: 404, Status: "NOT_FOUND", Message: "Method not found."}},
		{"no verb", pipeline, prefix + caller, good, failure{Code: 404, Status: "NOT_FOUND", Message: "Method not found."}},
	}
	w := newWorld(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, answer, _ := w.post(t, w.token(t, tt.who), tt.call, tt.body)
			if diff := cmp.Diff(tt.want, failureOf(t, status, answer)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
