package component

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/exitcode"
)

// testPolicy is the default policy with waits that take no time.
func testPolicy(t *testing.T) Policy {
	t.Helper()
	_, policy, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	policy.sleep = func(context.Context, time.Duration) error { return nil }
	return policy
}

// do makes a call without a credential by these options.
func do(t *testing.T, policy Policy, options map[string]string) (*Outcome, string, error) {
	t.Helper()
	config, _, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	config.Auth = auth.None
	for name, text := range options {
		if err := config.Set(name, text); err != nil {
			return nil, "", err
		}
	}
	caller, err := NewCaller(config, policy, zerolog.Nop())
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	outcome, err := caller.Call(t.Context(), call.Receiver{Body: &out})
	return outcome, out.String(), err
}

func TestBodies(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength != int64(len(body)) {
			t.Errorf("read %d bytes with Content-Length %d, %v", len(body), r.ContentLength, err)
		}
		_, _ = fmt.Fprintf(w, "%s|%s", r.Header.Get("Content-Type"), body)
	}))
	defer server.Close()
	root := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := write("plain", "from a path")
	write("gcs/bucket/a/data.csv", "a,b")
	empty := write("empty", "")
	policy := testPolicy(t)
	policy.MountRoot = root
	const form = `{"Content-Type": "application/x-www-form-urlencoded"}`
	cases := []struct {
		name    string
		options map[string]string
		want    string
		wantErr string
	}{
		{name: "none", want: "|"},
		{name: "JSON", options: map[string]string{"body": `{"a":1}`}, want: `application/json|{"a":1}`},
		{name: "text", options: map[string]string{"body": "hello"}, want: "text/plain; charset=utf-8|hello"},
		{name: "own type", options: map[string]string{"body": "<a/>", "headers": `{"content-type": "application/xml"}`}, want: "application/xml|<a/>"},
		{name: "JSON that is none", options: map[string]string{"body": "{", "headers": `{"Content-Type": "application/json"}`}, wantErr: "body is not JSON"},
		{name: "malformed type", options: map[string]string{"body": "x", "headers": `{"Content-Type": "a/b; c"}`}, wantErr: "headers: Content-Type"},
		{name: "path", options: map[string]string{"body_uri": plain}, want: "application/octet-stream|from a path"},
		{name: "Cloud Storage", options: map[string]string{"body_uri": "gs://bucket/a/data.csv"}, want: "text/csv; charset=utf-8|a,b"},
		{name: "empty file", options: map[string]string{"body_uri": empty}, want: "application/octet-stream|"},
		{name: "missing file", options: map[string]string{"body_uri": "/nowhere"}, wantErr: "body_uri: stat /nowhere"},
		{name: "folder", options: map[string]string{"body_uri": root}, wantErr: "is not a regular file"},
		{name: "unknown scheme", options: map[string]string{"body_uri": "ftp://a/b"}, wantErr: `body_uri: uri has the scheme "ftp"`},
		{name: "form", options: map[string]string{"body": `{"b": ["1", 2], "a": "x y", "c": {"d": true}}`, "headers": form}, want: "application/x-www-form-urlencoded|a=x+y&b=1&b=2&c=%7B%22d%22%3Atrue%7D"},
		{name: "form as it is", options: map[string]string{"body": "a=1", "headers": form}, want: "application/x-www-form-urlencoded|a=1"},
		{name: "form that is no object", options: map[string]string{"body": `{"a":`, "headers": form}, wantErr: "not a JSON object of form fields"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			options := map[string]string{"url": server.URL}
			for name, text := range c.options {
				options[name] = text
			}
			_, got, err := do(t, policy, options)
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) || Explain(err).Code != exitcode.Usage {
					t.Errorf("error = %v, want %q as bad input", err, c.wantErr)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("the service got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestMultipartBody(t *testing.T) {
	var parts []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reader, err := r.MultipartReader()
		if err != nil || r.ContentLength <= 0 {
			t.Fatalf("MultipartReader: %v with Content-Length %d", err, r.ContentLength)
		}
		for {
			var part *multipart.Part
			if part, err = reader.NextPart(); err != nil {
				break
			}
			body, _ := io.ReadAll(part)
			parts = append(parts, fmt.Sprintf("%s %s %s %s", part.FormName(), part.FileName(), part.Header.Get("Content-Type"), body))
		}
		if err != io.EOF { //nolint:errorlint // what NextPart documents
			t.Errorf("NextPart: %v", err)
		}
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(`{"n":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	const headers = `{"Content-Type": "multipart/form-data"}`
	body := fmt.Sprintf(`{"note": "hello", "n": 7, "file": {"uri": %q}, "other": {"uri": %q, "filename": "a\"b.txt", "content_type": "text/plain"}}`, file, file)
	if _, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL, "headers": headers, "body": body}); err != nil {
		t.Fatal(err)
	}
	want := `file data.json application/json {"n":1}, n   7, note   hello, other a"b.txt text/plain {"n":1}`
	if got := strings.Join(parts, ", "); got != want {
		t.Errorf("parts %s, want %s", got, want)
	}
	for _, bad := range []string{`{"a": {}}`, `{"a": {"uri": "/nowhere"}}`, `{"a":`} {
		if _, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL, "headers": headers, "body": bad}); err == nil || Explain(err).Code != exitcode.Usage {
			t.Errorf("body %s: error = %v, want bad input", bad, err)
		}
	}
}

func TestQueryIsAddedToTheURL(t *testing.T) {
	var query string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { query = r.URL.RawQuery }))
	defer server.Close()
	if _, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL + "/?a=1&b=2", "query": `{"b": "x y", "c": "3"}`}); err != nil || query != "a=1&b=x+y&c=3" {
		t.Errorf("query %q, %v", query, err)
	}
}

// operations is a service whose operation is done at the third look.
func operations(t *testing.T, location string) (*httptest.Server, *[]string) {
	t.Helper()
	var asked []string
	var looks atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		switch {
		case r.Method == http.MethodPost:
			w.Header().Set("Operation-Location", location)
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"done": false}`)
		case looks.Add(1) < 3:
			_, _ = io.WriteString(w, `{"done": false}`)
		default:
			_, _ = io.WriteString(w, `{"done": true, "answer": 42}`)
		}
	}))
	t.Cleanup(server.Close)
	return server, &asked
}

func TestPollUntilAnOperationIsDone(t *testing.T) {
	server, asked := operations(t, "/operations/7")
	outcome, body, err := do(t, testPolicy(t), map[string]string{"url": server.URL + "/start", "body": "{}", "poll_until": ".body.done", "result": ".body.answer"})
	if err != nil || outcome.Result != "42" || body != `{"done": true, "answer": 42}` {
		t.Errorf("result %+v, body %q, %v", outcome, body, err)
	}
	if got, want := strings.Join(*asked, ", "), "POST /start, GET /operations/7, GET /operations/7, GET /operations/7"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

func TestAnOperationElsewhereIsNotFollowed(t *testing.T) {
	server, asked := operations(t, "https://elsewhere.example/operations/7")
	_, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL, "poll_until": ".body.done"})
	if err == nil || !strings.Contains(err.Error(), "https://elsewhere.example") || len(*asked) != 1 {
		t.Errorf("error = %v after %q, want that the origin differs", err, *asked)
	}
}

func TestPollEndsWithTheTimeForTheCall(t *testing.T) {
	server, _ := operations(t, "/operations/7")
	_, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL, "poll_until": "false", "poll_interval_seconds": "3600", "timeout_seconds": "5"})
	if finding := Explain(err); finding.Code != exitcode.Unreachable || !strings.Contains(finding.Cause, "the time ran out: the operation is not done") {
		t.Errorf("Explain = %+v, want that the time ran out", finding)
	}
}

func TestARetriedStepAsksForItsOperationAgain(t *testing.T) {
	server, asked := operations(t, "/operations/7")
	dir := t.TempDir()
	input := inputFor(t, dir, map[string]any{"url": server.URL + "/start", "poll_until": ".body.done"})
	first := newStep(t)
	first.Policy.sleep = func(context.Context, time.Duration) error { return context.DeadlineExceeded } // stopped while it waits
	if err := first.Run(t.Context(), input); err == nil {
		t.Fatal("the first try ended well, want that it is stopped")
	}
	again := newStep(t)
	again.Policy = testPolicy(t)
	if err := again.Run(t.Context(), input); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(*asked, ", "), "POST /start, GET /operations/7, GET /operations/7, GET /operations/7"; got != want {
		t.Errorf("asked %s, want %s: begun once", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "response.operation")); !os.IsNotExist(err) {
		t.Errorf("the record of the operation is left behind: %v", err)
	}
}

func TestPagesBecomeJSONLines(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("page") {
		case "":
			_, _ = fmt.Fprintf(w, "{\n \"n\": 1, \"next\": \"?page=2\"}")
		case "2":
			_, _ = fmt.Fprintf(w, `{"n": 2, "next": %q}`, server.URL+"/?page=3")
		case "3":
			_, _ = io.WriteString(w, `{"n": 3, "next": null}`)
		case "away":
			_, _ = io.WriteString(w, `{"next": "https://elsewhere.example/"}`)
		case "loop":
			_, _ = io.WriteString(w, `{"next": "?page=loop"}`)
		case "number":
			_, _ = io.WriteString(w, `{"next": 7}`)
		case "text":
			_, _ = io.WriteString(w, `hello`)
		default:
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer server.Close()
	cases := []struct {
		name, query, want, wantErr string
		success                    bool
	}{
		{name: "three", want: `{"n":1,"next":"?page=2"}` + "\n" + `{"n":2,"next":"` + server.URL + `/?page=3"}` + "\n" + `{"n":3,"next":null}` + "\n", success: true},
		{name: "another origin", query: "?page=away", wantErr: "next_page: the service names a URL at https://elsewhere.example"},
		{name: "circle", query: "?page=loop", wantErr: "leads back to"},
		{name: "not a URL", query: "?page=number", wantErr: "next_page gives a float64, want a URL or null"},
		{name: "not JSON", query: "?page=text", wantErr: "page 1: the body is not JSON"},
		{name: "no success", query: "?page=gone"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome, body, err := do(t, testPolicy(t), map[string]string{"url": server.URL + "/" + c.query, "method": "GET", "next_page": ".body.next?"})
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("error = %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil || outcome.Success != c.success || body != c.want || outcome.Success && outcome.Answer.Bytes != int64(len(c.want)) {
				t.Errorf("outcome %+v with body %q, %v; want %q", outcome, body, err, c.want)
			}
		})
	}
}

func TestSecretHeadersComeFromSecretManager(t *testing.T) {
	const version = "projects/p/secrets/api-key/versions/latest"
	adc := map[string]any{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
	google := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/token":
			_, _ = io.WriteString(w, `{"access_token": "ya29.me", "expires_in": 3599, "token_type": "Bearer"}`)
		case r.URL.Path == "/v1/"+version+":access" && r.Header.Get("Authorization") == "Bearer ya29.me":
			data := []byte("hunter2\n")
			sum := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
			_ = json.NewEncoder(w).Encode(map[string]any{"payload": map[string]any{"data": data, "dataCrc32c": fmt.Sprint(sum)}})
		default:
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error": {"code": 403, "message": "Permission 'secretmanager.versions.access' denied"}}`)
		}
	}))
	defer google.Close()
	adc["token_uri"] = google.URL + "/token"
	data, err := json.Marshal(adc)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "adc.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
	t.Setenv("AUTHCALL_SECRET_MANAGER_ENDPOINT", google.URL+"/")
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("X-Api-Key") }))
	defer server.Close()

	if _, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL, "secret_headers": `{"X-Api-Key": "` + version + `"}`}); err != nil || got != "hunter2" {
		t.Errorf("the service got %q, %v; want the secret", got, err)
	}
	_, _, err = do(t, testPolicy(t), map[string]string{"url": server.URL, "secret_headers": `{"X-Api-Key": "projects/p/secrets/other/versions/1"}`})
	finding := Explain(err)
	if finding.Code != exitcode.Identity || !strings.Contains(finding.String(), "gcloud secrets add-iam-policy-binding other --project=p") {
		t.Errorf("Explain = %+v, want the binding that is missing", finding)
	}
}

func TestHeaderThatCarriesTheCredential(t *testing.T) {
	t.Parallel()
	own := StringMap{"authorization": "Basic x"}
	cases := []struct {
		name   string
		config Config
		want   string
	}{
		{"by default", Config{Auth: auth.IDToken}, "Authorization"},
		{"beside the app's own, for Cloud Run", Config{Auth: auth.IDToken, Headers: own, Audience: "https://a.run.app"}, "X-Serverless-Authorization"},
		{"beside the app's own, for IAP by client id", Config{Auth: auth.IDToken, Headers: own, Audience: "1-a.apps.googleusercontent.com"}, "Proxy-Authorization"},
		{"beside the app's own, for IAP by signed JWT", Config{Auth: auth.IAPJWT, Headers: own}, "Proxy-Authorization"},
		{"beside a secret one", Config{Auth: auth.IDToken, SecretHeaders: own}, "X-Serverless-Authorization"},
		{"as named", Config{AuthHeader: "proxy-authorization"}, "Proxy-Authorization"},
	}
	for _, c := range cases {
		if got := c.config.authHeader(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	var keys []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
	}))
	defer server.Close()
	task, other := t.TempDir(), t.TempDir()
	for _, dir := range []string{task, task, other} {
		if err := newStep(t).Run(t.Context(), inputFor(t, dir, map[string]any{"url": server.URL, "idempotency_key": "auto"})); err != nil {
			t.Fatal(err)
		}
	}
	if err := newStep(t).Run(t.Context(), inputFor(t, task, map[string]any{"url": server.URL, "idempotency_key": "mine"})); err != nil {
		t.Fatal(err)
	}
	if keys[0] == "" || keys[0] != keys[1] || keys[1] == keys[2] || keys[3] != "mine" {
		t.Errorf("keys %q, want the same for the same task, another for another, and one's own as given", keys)
	}
}
