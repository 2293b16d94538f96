package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/call"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	pipeline = "pipeline@p.iam.gserviceaccount.com"
	caller   = "caller@p.iam.gserviceaccount.com"
	run      = "https://hello-123456789.us-central1.run.app/x?key=hunter2"
	origin   = "https://hello-123456789.us-central1.run.app"
)

var sent = Caller{Principal: pipeline, CalledAs: caller, Kind: auth.IDToken, Audience: origin}

// TestErrors shows every message of a failure without an answer; the goldens
// are what users read.
func TestErrors(t *testing.T) {
	t.Parallel()
	check(t, "errors", errorCases())
}

func errorCases() []shown {
	mint := func(status int, reason string, metadata map[string]string, message string) error {
		return fmt.Errorf("wrapped: %w", &auth.Error{Op: "mint an ID token", Principal: pipeline, Account: caller, Audience: origin,
			Status: status, Reason: reason, Metadata: metadata, Message: message, Attempts: 1})
	}
	failed := func(p call.Problem, cause error) error {
		return &call.Error{Problem: p, Method: "POST", URL: origin + "/x", CalledAs: caller, Attempts: 3, Err: cause}
	}
	broken := func(p call.Problem) error { return failed(p, errors.New("cause")) }
	chained := func(permission string, delegates ...string) error {
		return &auth.Error{Op: "mint an ID token", Principal: pipeline, Account: caller, Audience: origin, Delegates: delegates,
			Status: 403, Reason: "IAM_PERMISSION_DENIED", Message: "Permission denied.", Metadata: map[string]string{"permission": permission}}
	}
	return []shown{
		{"no binding", Error(mint(403, "IAM_PERMISSION_DENIED", map[string]string{"permission": "iam.serviceAccounts.getOpenIdToken"}, "Permission denied."))},
		{"no binding, older shape", Error(mint(403, "", nil, "The caller does not have permission"))},
		{"no right to sign", Error(mint(403, "IAM_PERMISSION_DENIED", map[string]string{"permission": "iam.serviceAccounts.signJwt"}, "Permission denied."))},
		{"a chain, broken at its end", Error(chained("iam.serviceAccounts.getOpenIdToken", "a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com"))},
		{"a chain, broken before its end", Error(chained("iam.serviceAccounts.implicitDelegation", "a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com"))},
		{"a workload that may not act as an account", Error(&auth.Error{Op: "get the ambient access token", Account: caller, Status: 403, Reason: "IAM_PERMISSION_DENIED", Message: "Permission denied.",
			Principal: "principal://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/subject/repo:me/it's", Metadata: map[string]string{"permission": "iam.serviceAccounts.getAccessToken"}})},
		{"a workload of which only the pool is known", Error(&auth.Error{Op: "get the ambient access token", Account: caller, Status: 403, Reason: "IAM_PERMISSION_DENIED", Message: "Permission denied.",
			Principal: "principalSet://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/*", Metadata: map[string]string{"permission": "iam.serviceAccounts.getAccessToken"}})},
		{"unknown account", Error(mint(404, "", nil, "Not found; Gaia id not found for email "+caller))},
		{"API off", Error(mint(403, "SERVICE_DISABLED", map[string]string{"consumer": "projects/42"}, "API has not been used"))},
		{"narrow scopes", Error(mint(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", nil, "insufficient scopes"))},
		{"bad argument", Error(mint(400, "", nil, "Invalid form of account ID default"))},
		{"clock that is off", Error(&auth.Error{Op: "get the ambient access token", Principal: pipeline, Status: 400, Reason: "invalid_grant", Message: "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."})},
		{"revoked credentials", Error(&auth.Error{Op: "get the ambient access token", Status: 400, Reason: "invalid_grant", Message: "Token has been expired or revoked."})},
		{"no bearer", Error(mint(401, "CREDENTIALS_MISSING", nil, "missing credential"))},
		{"busy", Error(&auth.Error{Op: "mint an ID token", Principal: pipeline, Account: caller, Status: 429, Message: "Quota exceeded", Attempts: 4})},
		{"down", Error(&auth.Error{Op: "mint an ID token", Principal: pipeline, Account: caller, Status: 503, Message: "unavailable", Attempts: 4})},
		{"a machine without an account", Error(&auth.Error{Op: "get the ambient access token", Status: 404, Message: "metadata: GCE metadata \"instance/service-accounts/default/email\" not defined"})},
		{"concealed metadata", Error(&auth.Error{Op: "get the ambient access token", Status: 403, Message: "This metadata endpoint is concealed."})},
		{"no right on a secret", Error(&auth.Error{Op: "read the secret projects/p/secrets/key/versions/1", Resource: "projects/p/secrets/key/versions/1", Principal: pipeline, Status: 403, Message: "Permission denied"})},
		{"no right on a secret of a region", Error(&auth.Error{Op: "read the secret projects/p/locations/us-central1/secrets/key/versions/1", Resource: "projects/p/locations/us-central1/secrets/key/versions/1", Principal: pipeline, Status: 403, Message: "Permission denied"})},
		{"no such secret", Error(&auth.Error{Op: "read the secret projects/p/secrets/key/versions/1", Resource: "projects/p/secrets/key/versions/1", Principal: pipeline, Status: 404, Message: "Secret not found"})},
		{"quota project", Error(mint(403, "USER_PROJECT_DENIED", nil, "Caller does not have required permission to use project p2."))},
		{"perimeter", Error(mint(403, "SECURITY_POLICY_VIOLATED", nil, "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x"))},
		{"API off in a tenant project", Error(mint(403, "SERVICE_DISABLED", map[string]string{"consumer": "projects/a1b2-tp"}, "API has not been used"))},
		{"GKE account not bound", Error(&auth.Error{Op: "get the ambient access token", Status: 403, Message: "Unable to generate access token; IAM returned 403 Forbidden: Permission 'iam.serviceAccounts.getAccessToken' denied"})},
		{"a user without service_account", Error(&auth.NoCredentialsError{Err: fmt.Errorf("%w (gcloud's file)", auth.ErrNoAccount)})},
		{"missing credentials file", Error(&auth.NoCredentialsError{Err: errors.New("GOOGLE_APPLICATION_CREDENTIALS: open /x: no such file or directory")})},
		{"no metadata server", Error(&auth.UnreachableError{Server: "metadata server at 169.254.169.254", Err: errors.New("connection refused")})},
		{"no IAM", Error(&auth.UnreachableError{Server: "IAM Credentials API at https://x/", Err: errors.New("no route to host")})},
		{"no credentials", Error(&auth.NoCredentialsError{Err: errors.New("no credentials file and no metadata server")})},
		{"policy", Error(&call.PolicyError{Problem: "url is plain http to a.example"})},
		{"nobody listens", Error(broken(call.NotConnected))},
		{"broken", Error(broken(call.Broken))},
		{"cut off", Error(broken(call.Truncated))},
		{"too large", Error(broken(call.TooLarge))},
		{"too slow", Error(broken(call.TimedOut))},
		{"silent", Error(broken(call.Silent))},
		{"unknown authority", Error(broken(call.Untrusted))},
		{"a certificate for another host", Error(failed(call.Untrusted, x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"a.example"}}, Host: "b.example"}))},
		{"a certificate that has expired", Error(failed(call.Untrusted, x509.CertificateInvalidError{Reason: x509.Expired, Detail: "it ended in May"}))},
		{"no certificate of the caller", Error(failed(call.Broken, errors.New("remote error: tls: certificate required")))},
		{"a certificate of the caller that is not known", Error(failed(call.NotConnected, errors.New("remote error: tls: bad certificate")))},
		{"no TLS version in common", Error(failed(call.NotConnected, errors.New("remote error: tls: protocol version not supported")))},
		{"no proxy", Error(failed(call.NotConnected, &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("connection refused")}))},
		{"a proxy that wants a password", Error(failed(call.NotConnected, errors.New("Proxy Authentication Required")))},
		{"no TLS", Error(failed(call.NotConnected, tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}))},
		{"full disk", Error(broken(call.NotStored))},
		{"out of time before a credential", Error(context.DeadlineExceeded)},
		{"anything else", Error(errors.New("surprise"))},
	}
}

// TestAnswers shows every message about an answer that is not a success.
func TestAnswers(t *testing.T) {
	t.Parallel()
	check(t, "answers", answerCases())
}

func answerCases() []shown {
	html := http.Header{"Content-Type": {"text/html; charset=UTF-8"}}
	bearer := http.Header{"Content-Type": {"text/html"}, "Www-Authenticate": {`Bearer error="invalid_token" error_description="The access token could not be verified"`}}
	iap := http.Header{"Content-Type": {"text/html"}, "X-Goog-Iap-Generated-Response": {"true"}}
	signIn := http.Header{"Location": {"https://accounts.google.com/o/oauth2/v2/auth?client_id=1"}}
	const forbidden = "<h2>Your client does not have permission to get URL <code>/x</code> from this server.</h2>"
	const unauthorized = "Your client does not have permission to the requested URL <code>/x</code>"
	wrong, access, none, jwt := sent, sent, sent, sent
	wrong.Audience = "https://other.example"
	access.Kind = auth.AccessToken
	none.Kind, none.CalledAs = auth.None, ""
	jwt.Kind = auth.IAPJWT
	clientID := sent
	clientID.Audience = "1-a.apps.googleusercontent.com"
	return []shown{
		{"wrong audience", answer(401, bearer, unauthorized, wrong)},
		{"right audience, still refused", answer(401, bearer, unauthorized, sent)},
		{"ID token for a Google API", answer(401, bearer, `{"error": {"code": 401, "message": "Invalid credentials.", "details": [{"reason": "ACCESS_TOKEN_TYPE_UNSUPPORTED"}]}}`, sent)},
		{"access token", answer(401, bearer, unauthorized, access)},
		{"no invoker", answer(403, html, forbidden, sent)},
		{"no credential", answer(403, html, forbidden, none)},
		{"hidden", answer(404, html, "The requested URL <code>/x</code> was not found on this server.", sent)},
		{"IAP sign-in", answer(302, signIn, "", sent)},
		{"IAP, wrong audience", answer(401, iap, "Invalid IAP credentials: Invalid JWT audience.", sent)},
		{"IAP, client id not listed", answer(401, iap, "Invalid IAP credentials: Invalid JWT audience.", clientID)},
		{"IAP, signed JWT", answer(401, iap, "Invalid IAP credentials: JWT signature is invalid", jwt)},
		{"IAP, no accessor", answer(403, iap, "You don't have access.", sent)},
		{"gateway", answer(401, http.Header{"Www-Authenticate": {`Bearer realm="x", error="invalid_token"`}}, "Jwt is expired", sent)},
		{"gateway, audience", answer(403, nil, "Audiences in Jwt are not allowed", sent)},
		{"gateway in JSON", answer(401, http.Header{"Content-Type": {"application/json"}}, `{"code":401,"message":"Jwt is missing"}`, sent)},
		{"gateway, unknown issuer", answer(401, nil, "Jwt issuer is not configured", jwt)},
		{"mesh policy", answer(403, nil, "RBAC: access denied", sent)},
		{"clock ahead", answer(401, http.Header{"Date": {"Mon, 02 Jan 2006 14:54:05 GMT"}}, "Jwt not yet valid", sent)},
		{"a bearer token, where none was sent", answer(401, http.Header{"Www-Authenticate": {`Bearer realm="x"`}}, "log in", none)},
		{"the app's own 403", answer(403, http.Header{"Content-Type": {"application/json"}}, `{"error": "not yours"}`, sent)},
		{"the app's own 500", answer(500, nil, strings.Repeat("boom\n", 100), sent)},
		{"redirect to another origin", answer(302, http.Header{"Location": {"https://elsewhere.example/a?token=hunter2"}}, "", sent)},
		{"redirect within the origin", answer(307, http.Header{"Location": {"/new"}}, "", sent)},
		{"an answer that an expression does not fit", Unfit(received(200, nil), sent, `result: expression ".body.id": expected an object but got: string ("hello")`)},
		{"an echoed token", answer(500, nil, "you sent Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln and ya29.abc-def", sent)},
	}
}

func answer(status int, header http.Header, body string, who Caller) Finding {
	return Answer(received(status, header), []byte(body), who)
}

func received(status int, header http.Header) *call.Answer {
	u, err := url.Parse(run)
	if err != nil {
		panic(err)
	}
	return &call.Answer{Method: "POST", URL: u, Status: status, Header: header, Attempts: 1, Received: time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC)}
}

// shown is one failure and what is told of it.
type shown struct {
	name    string
	finding Finding
}

func check(t *testing.T, golden string, cases []shown) {
	t.Helper()
	var b strings.Builder
	for _, c := range cases {
		message := c.finding.String()
		fmt.Fprintf(&b, "%s\n  exit %d: %s\n", c.name, c.finding.Code, message)
		if strings.Contains(message, "\n") || strings.Contains(message, "hunter2") || c.finding.Code == 0 {
			t.Errorf("%s: %q with code %d, want one line, no query and a failing code", c.name, message, c.finding.Code)
		}
	}
	compare(t, filepath.Join("testdata", golden+".golden"), b.String())
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path) //nolint:gosec // a golden of this test
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestErrorsGuide keeps docs/errors.md in step with what is really told.
func TestErrorsGuide(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(guideHead)
	for _, part := range []struct {
		title string
		cases []shown
	}{
		{"No answer", errorCases()},
		{"An answer that is not a success", answerCases()},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| case | exit | what is told | cure |\n|---|---|---|---|\n", part.title)
		for _, c := range part.cases {
			fmt.Fprintf(&b, "| %s | %d | %s | %s |\n", c.name, c.finding.Code, cell(c.finding.Cause), cell(c.finding.Cure))
		}
	}
	compare(t, filepath.Join("..", "..", "docs", "errors.md"), b.String())
}

const guideHead = `# Errors

Every failure ends with one line on stderr: what was tried, as whom, what came back, and
what mends it. In a pipeline the same line is in the task's error. This page shows each of
them, with example names; it is written by the test that makes the messages.

Exit codes: 1 the service answered, not with success; 2 bad usage or input; 3 identity or
permission; 4 unreachable or out of time. ` + "`authcall check URL`" + ` finds most of these before a
pipeline does.
`

// cell makes a text fit for a table.
func cell(text string) string {
	text = strings.ReplaceAll(text, origin, "https://HOST")
	text = strings.ReplaceAll(text, "p.iam.gserviceaccount.com", "PROJECT…")
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
}

func TestServiceIsReadOutOfItsURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://hello-123456789.us-central1.run.app/":        "hello --region=us-central1",
		"https://tag---hello-123456789.us-central1.run.app/":  "hello --region=us-central1",
		"https://my-svc-abcdefghij-uc.a.run.app/":             "my-svc --region=REGION",
		"https://tag---my-svc-abcdefghij-uc.a.run.app/":       "my-svc --region=REGION",
		"https://api.example.com/":                            "SERVICE --region=REGION",
		"https://us-central1-project.cloudfunctions.net/fn/x": "SERVICE --region=REGION",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := service(u); got != want {
			t.Errorf("service(%s) = %q, want %q", raw, got, want)
		}
	}
}

func TestLetIn(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://us-central1-my-proj-1.cloudfunctions.net/resize/a": "gcloud functions add-invoker-policy-binding resize --region=us-central1 --project=my-proj-1 --member=user:me@x",
		"https://hello-123456789.us-central1.run.app/":              "gcloud run services add-iam-policy-binding hello --region=us-central1 --member=user:me@x --role=roles/run.invoker",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := letIn(u, "user:me@x"); got != want {
			t.Errorf("letIn(%s) = %q, want %q", raw, got, want)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(401, "text/html", "https://accounts.google.com", "body")
	f.Add(302, "", "://", "\xff")
	f.Fuzz(func(t *testing.T, status int, contentType, location, body string) {
		got := answer(status, http.Header{"Content-Type": {contentType}, "Location": {location}}, body, sent)
		if got.Cause == "" || got.Code == 0 || strings.Contains(got.Cause, "\n") {
			t.Errorf("Answer = %+v, want a cause on one line and a failing code", got)
		}
	})
}
