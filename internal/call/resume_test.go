package call

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/backoff"
)

const document = "0123456789abcdefghijklmnopqrstuvwxyz"

// flaky serves the document by ranges, but breaks each of the first answers
// off after ten bytes.
func flaky(breaks int32, header http.Header, seen *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		if seen.Add(1) > breaks {
			http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader(document))
			return
		}
		http.ServeContent(&shortWriter{ResponseWriter: w, left: 10}, r, "", time.Unix(1e9, 0), strings.NewReader(document))
	}
}

// shortWriter cuts the connection after some bytes.
type shortWriter struct {
	http.ResponseWriter
	left int
}

func (w *shortWriter) Write(p []byte) (int, error) {
	if len(p) <= w.left {
		w.left -= len(p)
		return w.ResponseWriter.Write(p)
	}
	_, _ = w.ResponseWriter.Write(p[:w.left])
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func TestACutBodyIsResumed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		method string
		header http.Header
		breaks int32
		want   Problem
		seen   int32
	}{
		{name: "by strong ETag", method: "GET", header: http.Header{"Etag": {`"v1"`}}, breaks: 2, seen: 3},
		{name: "by modification time", method: "GET", breaks: 1, seen: 2},
		{name: "not for ever", method: "GET", header: http.Header{"Etag": {`"v1"`}}, breaks: 9, want: Truncated, seen: 3},
		{name: "not a POST", method: "POST", header: http.Header{"Etag": {`"v1"`}}, breaks: 1, want: Truncated, seen: 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int32
			server := httptest.NewServer(flaky(c.breaks, c.header, &seen))
			defer server.Close()
			var out bytes.Buffer
			answer, err := newClient(t, &tokens{}, 3).Do(t.Context(), newRequest(t, c.method, server.URL, ""), NewSink(Receiver{Body: &out}, SinkOptions{}))
			var failed *Error
			switch {
			case seen.Load() != c.seen:
				t.Errorf("asked %d times, want %d", seen.Load(), c.seen)
			case c.want != "" && (!errors.As(err, &failed) || failed.Problem != c.want):
				t.Errorf("error = %v, want %q", err, c.want)
			case c.want == "" && (err != nil || out.String() != document || answer.Bytes != int64(len(document))):
				t.Errorf("body %q, %v; want the whole document once", &out, err)
			}
		})
	}
}

func TestARestThatIsNotTheRestIsNoEnd(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, contentRange, rest string
		whole                    bool
	}{
		{name: "too short", contentRange: "bytes 10-19/36", rest: document[10:20]},
		{name: "too short, and of a length that is not told", contentRange: "bytes 10-19/*", rest: document[10:20]},
		{name: "of another length", contentRange: "bytes 10-37/38", rest: document[10:] + "!!"},
		{name: "from elsewhere", contentRange: "bytes 1-9/36", rest: document[1:10]},
		{name: "no range", contentRange: "bytes 10-", rest: document[10:]},
		{name: "the rest, of a length that is not told", contentRange: "bytes 10-35/*", rest: document[10:], whole: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") == "" {
					flaky(1, http.Header{"Etag": {`"v1"`}}, new(atomic.Int32))(w, r)
					return
				}
				w.Header().Set("Content-Range", c.contentRange)
				w.WriteHeader(http.StatusPartialContent)
				_, _ = io.WriteString(w, c.rest)
			}))
			defer server.Close()
			var out bytes.Buffer
			_, err := newClient(t, &tokens{}, 2).Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: &out}, SinkOptions{}))
			var failed *Error
			switch {
			case c.whole && (err != nil || out.String() != document):
				t.Errorf("body %q, %v; want the whole document", &out, err)
			case !c.whole && (!errors.As(err, &failed) || failed.Problem != Truncated):
				t.Errorf("body %q, error %v; want a body that is cut off", &out, err)
			}
		})
	}
}

func TestARestThatIsShortIsAskedForAgain(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Header.Get("Range"))
		switch len(asked) {
		case 1:
			flaky(1, http.Header{"Etag": {`"v1"`}}, new(atomic.Int32))(w, r)
		case 2:
			w.Header().Set("Content-Range", "bytes 10-19/36")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, document[10:20])
		default:
			w.Header().Set("Etag", `"v1"`)
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(document))
		}
	}))
	defer server.Close()
	var out bytes.Buffer
	_, err := newClient(t, &tokens{}, 3).Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: &out}, SinkOptions{}))
	mu.Lock()
	defer mu.Unlock()
	if got, want := strings.Join(asked, ", "), ", bytes=10-, bytes=20-"; err != nil || out.String() != document || got != want {
		t.Errorf("body %q, %v after the ranges %q; want the whole document after %q", &out, err, got, want)
	}
}

func TestABodyThatChangedIsNotPatchedTogether(t *testing.T) {
	t.Parallel()
	var seen atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen.Add(1) == 1 {
			flaky(9, http.Header{"Etag": {`"v1"`}}, new(atomic.Int32))(w, r)
			return
		}
		w.Header().Set("Etag", `"v2"`)
		http.ServeContent(w, r, "", time.Now(), strings.NewReader(strings.ToUpper(document)))
	}))
	defer server.Close()
	_, err := newClient(t, &tokens{}, 3).Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
	var failed *Error
	if !errors.As(err, &failed) || failed.Problem != Truncated || !strings.Contains(err.Error(), "want 206") {
		t.Errorf("error = %v, want a body that is cut off", err)
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, seed := range []string{"", "bytes 10-35/36", "bytes 10-35/*", "bytes 9-1/36", "bytes */36", "bytes -1-2/3", "bytes 1-9223372036854775807/*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, ok := parseSpan(text); ok && (got.first < 0 || got.length <= got.first) {
			t.Errorf("parseSpan(%q) = %+v, want a part that is within the whole", text, got)
		}
	})
}

func TestALimitedBody(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"declared": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, document) },
		"chunked": func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, document)
		},
	} {
		server := httptest.NewServer(handler)
		for limit, fits := range map[int64]bool{int64(len(document)): true, int64(len(document)) - 1: false, 0: true} {
			_, err := newClient(t, &tokens{}, 1).Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{Limit: limit}))
			var failed *Error
			if fits && err != nil || !fits && (!errors.As(err, &failed) || failed.Problem != TooLarge) {
				t.Errorf("%s, limit %d: error = %v, want that it fits: %v", name, limit, err, fits)
			}
		}
		server.Close()
	}
}

func TestALimitIsForTheBodyThatComes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1000") }))
	defer server.Close()
	answer, err := newClient(t, &tokens{}, 1).Do(t.Context(), newRequest(t, "HEAD", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{Limit: 1}))
	if err != nil || answer.Status != http.StatusOK {
		t.Errorf("answer %+v, %v; want 200, for a HEAD has no body", answer, err)
	}
}

func TestASilentServiceIsGivenUp(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	client := New(Options{Transport: NewTransport(TransportOptions{HeaderTimeout: 20 * time.Millisecond}), Authorizer: &tokens{}, MaxAttempts: 1, Log: zerolog.Nop()})
	_, err := client.Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
	var failed *Error
	if !errors.As(err, &failed) || failed.Problem != Silent || !strings.Contains(err.Error(), "timeout awaiting response headers") {
		t.Errorf("error = %v, want that the service fell silent", err)
	}
}

func TestARedirectToNoURLIsAnAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://[::bad/?token=hunter2")
		w.WriteHeader(http.StatusFound)
	}))
	defer server.Close()
	answer, err := newClient(t, &tokens{}, 1).Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
	if err != nil || answer.Status != http.StatusFound {
		t.Errorf("answer %+v, %v; want the redirect itself", answer, err)
	}
}

func TestASilentBodyIsGivenUp(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "some")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	client := New(Options{Transport: NewTransport(TransportOptions{}), Authorizer: &tokens{}, MaxAttempts: 1, IdleTimeout: 20 * time.Millisecond, Backoff: backoff.Policy{}, Log: zerolog.Nop()})
	_, err := client.Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
	var failed *Error
	if !errors.As(err, &failed) || failed.Problem != Silent || !strings.Contains(err.Error(), "nothing came for 20ms") {
		t.Errorf("error = %v, want that the service fell silent", err)
	}
}

func TestRedirectsWithinTheOrigin(t *testing.T) {
	t.Parallel()
	var strayed atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/end":
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, r.Method+" "+string(body)+" "+r.Header.Get("Authorization"))
		case "/out":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/302":
			http.Redirect(w, r, "/end", http.StatusFound)
		default:
			http.Redirect(w, r, "/end", http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	cases := []struct {
		name, method, path string
		status             int
		body, wantErr      string
	}{
		{name: "keeps method, body and token", method: "POST", path: "/307", status: 200, body: "POST b Bearer token-1"},
		{name: "a GET by 302", method: "GET", path: "/302", status: 200, body: "GET  Bearer token-1"},
		{name: "a POST by 302 would become a GET", method: "POST", path: "/302", status: 302},
		{name: "to another origin", method: "GET", path: "/out", status: 307},
		{name: "in a circle", method: "GET", path: "/loop", wantErr: "more than 10 times"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := New(Options{Transport: NewTransport(TransportOptions{}), Authorizer: &tokens{}, MaxAttempts: 1, FollowRedirects: true, Log: zerolog.Nop()})
			var out bytes.Buffer
			answer, err := client.Do(t.Context(), newRequest(t, c.method, server.URL+c.path, "b"), NewSink(Receiver{Body: &out}, SinkOptions{}))
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("error = %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil || answer.Status != c.status || c.body != "" && out.String() != c.body {
				t.Errorf("answer %+v with body %q, %v; want %d, %q", answer, &out, err, c.status, c.body)
			}
		})
	}
	if strayed.Load() != 0 {
		t.Errorf("another origin was called %d times", strayed.Load())
	}
}
