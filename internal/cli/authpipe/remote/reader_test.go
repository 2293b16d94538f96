package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
)

const content = "pipelineInfo: {name: x}\n"

// web is every host of the world, on this machine: it keeps who was asked for
// what with which token, as "HOST PATH TOKEN".
type web struct {
	client *http.Client
	mu     sync.Mutex
	asked  []string
}

func newWeb(t *testing.T) *web {
	t.Helper()
	w := &web{}
	server := httptest.NewTLSServer(w)
	t.Cleanup(server.Close)
	w.client = server.Client()
	transport := w.client.Transport.(*http.Transport)
	transport.TLSClientConfig.ServerName = "example.com" // of the test server's certificate
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	return w
}

func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.asked = append(w.asked, strings.TrimSpace(fmt.Sprintf("%s %s %s%s", r.Host, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Referer"))))
	w.mu.Unlock()
	switch r.URL.Path {
	case "/moved", "/p/r/x/moved":
		http.Redirect(out, r, "https://other.example.com/spec.yaml", http.StatusFound)
	case "/plain":
		http.Redirect(out, r, "http://other.example.com/spec.yaml", http.StatusFound)
	case "/circle":
		http.Redirect(out, r, "/circle", http.StatusFound)
	case "/denied":
		out.WriteHeader(http.StatusForbidden)
		_, _ = out.Write([]byte(`{"error": {"code": 403, "message": "x does not have access."}}`))
	case "/page":
		out.WriteHeader(http.StatusNotFound)
		_, _ = out.Write([]byte("<html>secret</html>"))
	case "/large":
		_, _ = out.Write(make([]byte, MaxBytes+1))
	case "/cut":
		out.Header().Set("Content-Length", "100")
		_, _ = out.Write([]byte(content))
	default:
		_, _ = out.Write([]byte(content))
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	const circle = "example.com /circle"
	cases := []struct {
		name, url string
		asked     []string
		status    int
		wantErr   string
	}{
		{name: "a server gets no token", url: "https://example.com/spec.yaml?sig=secret", asked: []string{"example.com /spec.yaml"}},
		{name: "Cloud Storage gets one", url: "gs://bucket/a/spec.yaml", asked: []string{"storage.googleapis.com /storage/v1/b/bucket/o/a/spec.yaml Bearer token"}},
		{name: "Artifact Registry gets one", url: "https://us-central1-kfp.pkg.dev/p/r/x/v1", asked: []string{"us-central1-kfp.pkg.dev /p/r/x/v1 Bearer token"}},
		{
			name: "which is not taken along", url: "https://us-central1-kfp.pkg.dev/p/r/x/moved",
			asked: []string{"us-central1-kfp.pkg.dev /p/r/x/moved Bearer token", "other.example.com /spec.yaml"},
		},
		{name: "nor is the URL", url: "https://example.com/moved?sig=secret", asked: []string{"example.com /moved", "other.example.com /spec.yaml"}},
		{name: "never without TLS", url: "https://example.com/plain", asked: []string{"example.com /plain"}, wantErr: "redirected to http://, want https://"},
		{name: "not for ever", url: "https://example.com/circle", asked: []string{circle, circle, circle, circle, circle, circle}, wantErr: "more than 5 redirects"},
		{
			name: "denied", url: "https://example.com/denied?sig=secret", asked: []string{"example.com /denied"}, status: 403,
			wantErr: "reading https://example.com/denied: the server answered 403 Forbidden: x does not have access.",
		},
		{name: "not there", url: "https://example.com/page", asked: []string{"example.com /page"}, status: 404, wantErr: "the server answered 404 Not Found"},
		{name: "too large", url: "https://example.com/large", asked: []string{"example.com /large"}, wantErr: "larger than 10485760 bytes"},
		{name: "cut off", url: "https://example.com/cut", asked: []string{"example.com /cut"}, wantErr: "unexpected EOF"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWeb(t)
			got, err := read(t, Reader{HTTP: w.client, Token: token}, c.url)
			if diff := cmp.Diff(c.asked, w.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if c.wantErr == "" {
				if err != nil || string(got) != content {
					t.Errorf("Read() = %q, %v", got, err)
				}
				return
			}
			failure, ok := errors.AsType[*Error](err)
			if !ok || failure.Status != c.status || failure.Denied() != (c.status == 403) || !strings.Contains(err.Error(), c.wantErr) || strings.Contains(err.Error(), "secret") {
				t.Errorf("Read() error = %v, want %q with status %d and nothing secret", err, c.wantErr, c.status)
			}
		})
	}
}

func token(context.Context) (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "token"}, nil }

func read(t *testing.T, r Reader, url string) ([]byte, error) {
	t.Helper()
	l, err := Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	return r.Read(t.Context(), l)
}

func TestAnEmulatorGetsNoToken(t *testing.T) {
	t.Parallel()
	w := &web{}
	server := httptest.NewServer(w)
	defer server.Close()
	got, err := read(t, Reader{HTTP: server.Client(), Token: token, Emulator: server.URL}, "gs://bucket/spec.yaml")
	if err != nil || string(got) != content {
		t.Errorf("Read() = %q, %v", got, err)
	}
	if want := strings.TrimPrefix(server.URL, "http://") + " /storage/v1/b/bucket/o/spec.yaml"; !cmp.Equal(w.asked, []string{want}) {
		t.Errorf("asked %q, want %q", w.asked, want)
	}
}

func TestNobodyIsAskedWithoutATokenThatIsDue(t *testing.T) {
	t.Parallel()
	w, none := newWeb(t), errors.New("no credentials")
	_, err := read(t, Reader{HTTP: w.client, Token: func(context.Context) (*oauth2.Token, error) { return nil, none }}, "gs://bucket/x")
	if !errors.Is(err, none) || len(w.asked) > 0 {
		t.Errorf("Read() error = %v, asked %q", err, w.asked)
	}
}

func TestACertificateIsChecked(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.client.Transport.(*http.Transport).TLSClientConfig.ServerName = "" // that of the URL counts
	_, err := read(t, Reader{HTTP: w.client, Token: token}, "gs://bucket/x")
	if err == nil || !strings.Contains(err.Error(), "not storage.googleapis.com") || len(w.asked) > 0 {
		t.Errorf("Read() error = %v, asked %q", err, w.asked)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("interrupted")
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop(enough)
		<-r.Context().Done()
	}))
	defer server.Close()
	_, err := Reader{HTTP: server.Client(), Emulator: server.URL}.Read(ctx, Location{Kind: Storage, Bucket: "b", Object: "o"})
	if !errors.Is(err, enough) {
		t.Errorf("Read() error = %v, want the context's cause", err)
	}
}

type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestReadHasATimeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := Location{Kind: Storage, Bucket: "b", Object: "o"}
		_, err := Reader{HTTP: &http.Client{Transport: hanging{}}, Token: token}.Read(t.Context(), l)
		if want := "reading gs://b/o: no answer within 30s"; err == nil || err.Error() != want {
			t.Errorf("Read() error = %v, want %q", err, want)
		}
	})
}
