package authpipe

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2/google"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/pipelinespec"
)

// internet leads every host to one server with TLS on this machine.
func internet(t *testing.T, handler http.HandlerFunc) *http.Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	client := server.Client()
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig.ServerName = "example.com" // of the test server's certificate
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	return client
}

const (
	inStorage  = "gs://specs/team/call.yaml"
	inRegistry = "https://us-central1-kfp.pkg.dev/my-project/pipelines/call/v1"
	onTheWeb   = "https://example.com/call.yaml?signature=secret-signature"
)

func TestAPipelineFromAURL(t *testing.T) {
	t.Parallel()
	yaml := specYAML(t, "cloudrun")
	for _, command := range [][]string{{"compile"}, {"validate"}, {"submit", "--dry-run", "-p", "url=https://hello.example.com"}} {
		for _, url := range []string{inStorage, inRegistry, onTheWeb} {
			t.Run(command[0]+" "+url, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, &fakeService{})
				w.http = internet(t, func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write(yaml) })
				if code := w.run(t.Context(), append(command, url)...); code != exitcode.OK {
					t.Errorf("exit code = %d: %s", code, w.err.String())
				}
				if !strings.Contains(w.out.String()+w.err.String(), "auth-pipeline-cloudrun") {
					t.Errorf("stdout:\n%s", w.out.String())
				}
			})
		}
	}
}

func TestAPipelineThatCannotBeReadFromAURL(t *testing.T) {
	t.Parallel()
	none := func(ctx context.Context, _ string) (*google.Credentials, error) {
		return gapi.FindCredentials(ctx, "/nonexistent/adc.json")
	}
	cases := []struct {
		name, url   string
		status      int // 0: nobody answers
		emulator    string
		credentials func(context.Context, string) (*google.Credentials, error)
		want        int
		wantErr     string
	}{
		{
			name: "no right to the bucket", url: inStorage, status: http.StatusForbidden, want: exitcode.Identity,
			wantErr: "reading gs://specs/team/call.yaml: the server answered 403 Forbidden as user:dev@example.com; to fix: " +
				"gcloud storage buckets add-iam-policy-binding gs://specs --member=user:dev@example.com --role=roles/storage.objectViewer",
		},
		{name: "no right to the repository", url: inRegistry, status: http.StatusForbidden, want: exitcode.Identity, wantErr: "grant user:dev@example.com roles/artifactregistry.reader"},
		{name: "a token that has expired", url: inStorage, status: http.StatusUnauthorized, want: exitcode.Identity, wantErr: cureCredentials},
		{name: "not open to all", url: onTheWeb, status: http.StatusForbidden, want: exitcode.Identity, wantErr: "was shown no credentials"},
		{name: "not there", url: onTheWeb, status: http.StatusNotFound, want: exitcode.Unreachable, wantErr: "reading https://example.com/call.yaml: the server answered 404 Not Found\n"},
		{name: "nobody answers", url: onTheWeb, want: exitcode.Unreachable, wantErr: "no network leads to example.com"},
		{
			name: "an emulator that is not there", url: inStorage, emulator: "127.0.0.1:1", want: exitcode.Unreachable,
			wantErr: "no network leads to 127.0.0.1:1; to fix: check STORAGE_EMULATOR_HOST, which stands in for Cloud Storage and names 127.0.0.1:1",
		},
		{name: "no credentials", url: inStorage, credentials: none, want: exitcode.Identity, wantErr: "to fix: " + cureCredentials},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			if c.status != 0 {
				w.http = internet(t, func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(c.status) })
			}
			if c.credentials != nil {
				w.credentials = c.credentials
			}
			w.defaults.StorageEmulator = c.emulator
			if code := w.run(t.Context(), "compile", c.url); code != c.want {
				t.Errorf("exit code = %d, want %d", code, c.want)
			}
			if text := w.err.String(); !strings.Contains(text, c.wantErr) || strings.Contains(text, "secret") || strings.Count(text, "\n") != 1 {
				t.Errorf("stderr = %q, want one line with %q and no secret", text, c.wantErr)
			}
		})
	}
}

func specYAML(t *testing.T, pipeline string) []byte {
	t.Helper()
	data, err := builtin(t, pipeline).YAML()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestImageOfASpec(t *testing.T) {
	t.Parallel()
	const image = "registry.example.com/team/authcall:v1"
	own := string(specYAML(t, "cloudrun"))
	cases := []struct {
		name, spec string
		want       int
	}{
		{name: "as compiled", spec: own},
		{name: "pinned", spec: strings.ReplaceAll(own, component.DefaultImage(), component.Repository+"@sha256:00")},
		{name: "of others alone", spec: strings.ReplaceAll(own, component.DefaultImage(), "python:3.14"), want: exitcode.Usage},
		{name: "of a repository with a longer name", spec: strings.ReplaceAll(own, component.DefaultImage(), component.Repository+"-debug:v1"), want: exitcode.Usage},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			w.stdin = strings.NewReader(c.spec)
			if code := w.run(t.Context(), "compile", "-", "--image", image); code != c.want {
				t.Fatalf("exit code = %d, want %d: %s", code, c.want, w.err.String())
			}
			if c.want != exitcode.OK {
				if want := "--image replaces " + component.Repository + ", which no task runs in"; !strings.Contains(w.err.String(), want) {
					t.Errorf("stderr = %q, want %q", w.err.String(), want)
				}
				return
			}
			spec, err := pipelinespec.Parse(w.out.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			for label, executor := range spec.DeploymentSpec.Executors {
				if executor.Container.Image != image {
					t.Errorf("%s runs in %s, want %s", label, executor.Container.Image, image)
				}
			}
		})
	}
}

func TestCompileAsJSON(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "call.json")
	w := newWorld(t, &fakeService{})
	for _, output := range []string{"json", file} {
		if code := w.run(t.Context(), "compile", "cloudrun", "-o", output); code != exitcode.OK {
			t.Fatalf("-o %s: exit code = %d: %s", output, code, w.err.String())
		}
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.out.String(), string(written)); diff != "" || !json.Valid(written) {
		t.Errorf("valid JSON: %v; file (-stdout +file):\n%s", json.Valid(written), diff)
	}
}
