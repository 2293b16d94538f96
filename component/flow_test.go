package component

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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
	t.Parallel()
	for given, want := range map[string]string{
		"a=1&b=2&b=3":                     "a=1&b=x+y&c=3",
		"sig=%7e%2F&flag;x=1&bad=%zz&%zz": "sig=%7e%2F&flag;x=1&bad=%zz&%zz&b=x+y&c=3",
		"":                                "b=x+y&c=3",
	} {
		target := &url.URL{RawQuery: given}
		if addQuery(target, StringMap{"b": "x y", "c": "3"}); target.RawQuery != want {
			t.Errorf("%q becomes %q, want %q", given, target.RawQuery, want)
		}
		target.RawQuery = given
		if addQuery(target, nil); target.RawQuery != given {
			t.Errorf("%q becomes %q where nothing is added", given, target.RawQuery)
		}
	}
	var query string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { query = r.URL.RawQuery }))
	defer server.Close()
	if _, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL + "/?a=1", "query": `{"b": "x y"}`}); err != nil || query != "a=1&b=x+y" {
		t.Errorf("query %q, %v", query, err)
	}
}
