package call

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/backoff"
)

// tokens hands out token-1, token-2 … as renewals are asked for.
type tokens struct {
	given atomic.Int32
	fixed bool
}

func (a *tokens) Authorize(_ context.Context, header http.Header, renew bool) (bool, error) {
	if renew && a.fixed {
		return false, nil
	}
	if renew || a.given.Load() == 0 {
		a.given.Add(1)
	}
	header.Set("Authorization", fmt.Sprintf("Bearer token-%d", a.given.Load()))
	return true, nil
}

func newClient(t *testing.T, a Authorizer, attempts int) *Client {
	t.Helper()
	transport := NewTransport(TransportOptions{})
	t.Cleanup(transport.CloseIdleConnections)
	return newClientOn(transport, a, attempts)
}

func newClientOn(transport http.RoundTripper, a Authorizer, attempts int) *Client {
	return New(Options{
		Transport: transport, Authorizer: a, MaxAttempts: attempts, Log: zerolog.Nop(),
		Backoff: backoff.Policy{Base: time.Nanosecond, Max: time.Hour, Sleep: func(context.Context, time.Duration) error { return nil }},
	})
}

func newRequest(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDoStreamsTheWholeBody(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("0123456789", 100_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Kind", "big")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()

	var out bytes.Buffer
	var began string
	sink := NewSink(Receiver{Body: &out, Begin: func(status string, h http.Header) error {
		began = status + " " + h.Get("X-Kind")
		return nil
	}}, SinkOptions{Keep: 7})
	answer, err := newClient(t, &tokens{}, 1).Do(t.Context(), newRequest(t, "GET", server.URL+"/a?q=1", ""), sink)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(body))
	head, whole := sink.Head()
	switch {
	case out.String() != body:
		t.Errorf("got %d bytes, want the whole body of %d", out.Len(), len(body))
	case answer.Status != 202 || answer.Bytes != int64(len(body)) || answer.SHA256 != hex.EncodeToString(digest[:]) || answer.Attempts != 1:
		t.Errorf("answer = %+v", answer)
	case string(head) != "0123456" || whole:
		t.Errorf("Head = %q, %v; want its first 7 bytes, not the whole", head, whole)
	case began != "HTTP/1.1 202 Accepted big":
		t.Errorf("Begin was told %q", began)
	}
}

func TestRetriesOnlyWhatIsSafe(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, method string
		key          bool
		status       int // 0 cuts the connection
		want         int32
	}{
		{name: "429 of a POST", method: "POST", status: 429, want: 3},
		{name: "503 of a POST", method: "POST", status: 503, want: 3},
		{name: "502 of a POST may have been done", method: "POST", status: 502, want: 1},
		{name: "502 of a GET", method: "GET", status: 502, want: 3},
		{name: "504 of a POST with a key", method: "POST", key: true, status: 504, want: 3},
		{name: "500 is an answer", method: "GET", status: 500, want: 1},
		{name: "404 is an answer", method: "GET", status: 404, want: 1},
		{name: "broken POST may have been done", method: "POST", want: 1},
		{name: "broken PUT", method: "PUT", want: 3},
		{name: "broken POST with a key", method: "POST", key: true, want: 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen.Add(1)
				if body, err := io.ReadAll(r.Body); err != nil || string(body) != "the body" {
					t.Errorf("attempt %d came with the body %q, %v", seen.Load(), body, err)
				}
				if c.status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(c.status)
			}))
			defer server.Close()
			r := newRequest(t, c.method, server.URL, "the body")
			if c.key {
				r.Header.Set("Idempotency-Key", "k")
			}
			answer, err := newClient(t, &tokens{}, 3).Do(t.Context(), r, NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
			if seen.Load() != c.want {
				t.Errorf("sent %d times, want %d", seen.Load(), c.want)
			}
			var broken *Error
			switch {
			case c.status == 0 && (!errors.As(err, &broken) || broken.Problem != Broken || broken.Attempts != int(c.want)):
				t.Errorf("error = %v, want a broken connection after %d attempts", err, c.want)
			case c.status != 0 && (err != nil || answer.Status != c.status || answer.Attempts != int(c.want)):
				t.Errorf("answer = %+v, %v; want status %d after %d attempts", answer, err, c.status, c.want)
			}
		})
	}
}

func TestRetryAfterIsObeyedWithinTheTimeBudget(t *testing.T) {
	t.Parallel()
	for after, waits := range map[string][]time.Duration{
		"100":  {100 * time.Second, 100 * time.Second},
		"3600": nil, // the budget is five minutes
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		var slept []time.Duration
		policy := backoff.Default()
		policy.Sleep = func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }
		client := New(Options{Transport: NewTransport(TransportOptions{}), Authorizer: &tokens{}, MaxAttempts: 3, Backoff: policy, Log: zerolog.Nop()})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		answer, err := client.Do(ctx, newRequest(t, "POST", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
		if err != nil || answer.Status != http.StatusTooManyRequests || !slices.Equal(slept, waits) {
			t.Errorf("Retry-After %s: waits %v, %+v, %v; want waits %v", after, slept, answer, err, waits)
		}
		cancel()
		server.Close()
	}
}

func TestACancelledWaitIsNoAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }))
	defer server.Close()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	policy := backoff.Policy{Base: time.Nanosecond, Max: time.Hour, Sleep: func(ctx context.Context, _ time.Duration) error { cancel(stop); return context.Cause(ctx) }}
	client := New(Options{Transport: NewTransport(TransportOptions{}), Authorizer: &tokens{}, MaxAttempts: 3, Backoff: policy, Log: zerolog.Nop()})
	answer, err := client.Do(ctx, newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
	if !errors.Is(err, stop) {
		t.Errorf("answer %+v, %v; want the cause of the cancellation", answer, err)
	}
}

func TestARetryThatSucceedsIsOneAnswer(t *testing.T) {
	t.Parallel()
	var seen atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if seen.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "x")
	}))
	defer server.Close()
	var out bytes.Buffer
	answer, err := newClient(t, &tokens{}, 3).Do(t.Context(), newRequest(t, "POST", server.URL, "b"), NewSink(Receiver{Body: &out}, SinkOptions{}))
	if err != nil || answer.Status != 200 || answer.Attempts != 2 || out.String() != "x" {
		t.Errorf("answer = %+v with body %q, %v; want 200 after 2 attempts with the last body alone", answer, &out, err)
	}
}

func TestAFreshTokenIsTriedOnceOn401(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		authorizer *tokens
		good       string
		want       int
		wantSeen   string
	}{
		{name: "the fresh one is good", authorizer: &tokens{}, good: "token-2", want: 200, wantSeen: "token-1 token-2"},
		{name: "once, not for ever", authorizer: &tokens{}, good: "none", want: 401, wantSeen: "token-1 token-2"},
		{name: "nothing to renew", authorizer: &tokens{fixed: true}, good: "none", want: 401, wantSeen: "token-1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var seen []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				seen = append(seen, token)
				if token != c.good {
					w.WriteHeader(http.StatusUnauthorized)
				}
			}))
			defer server.Close()
			answer, err := newClient(t, c.authorizer, 3).Do(t.Context(), newRequest(t, "POST", server.URL, "b"), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
			if err != nil || answer.Status != c.want || strings.Join(seen, " ") != c.wantSeen {
				t.Errorf("status %v, %v with tokens %q; want %d with %q", answer, err, seen, c.want, c.wantSeen)
			}
		})
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var strayed atomic.Int32
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		}))
		answer, err := newClient(t, &tokens{}, 3).Do(t.Context(), newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
		server.Close()
		elsewhere.Close()
		if err != nil || answer.Status != status || strayed.Load() != 0 {
			t.Errorf("%d: answer %+v, %v, target called %d times; want the redirect itself", status, answer, err, strayed.Load())
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "only this")
	}))
	defer cut.Close()
	chunked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "some")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer chunked.Close()
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see the client go away
		<-r.Context().Done()
	}))
	defer hanging.Close()
	proxied := NewTransport(TransportOptions{})
	proxied.Proxy = http.ProxyURL(&url.URL{Scheme: "http", User: url.UserPassword("me", "hunter2"), Host: "127.0.0.1:1"})
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	cases := []struct {
		name, url string
		out       io.Writer
		timeout   time.Duration
		transport *http.Transport
		want      Problem
		attempts  int
	}{
		{name: "body shorter than declared", url: cut.URL, want: Truncated, attempts: 1},
		{name: "chunked body without its end", url: chunked.URL, want: Truncated, attempts: 1},
		{name: "no answer in time", url: hanging.URL, timeout: 50 * time.Millisecond, want: TimedOut, attempts: 1},
		{name: "no proxy listens", url: "https://a.example", transport: proxied, want: NotConnected, attempts: 2},
		{name: "no TLS there", url: strings.Replace(cut.URL, "http:", "https:", 1), want: NotConnected, attempts: 2},
		{name: "nobody listens", url: "http://127.0.0.1:1", want: NotConnected, attempts: 2},
		{name: "unknown authority, which no retry mends", url: secure.URL, want: Untrusted, attempts: 1},
		{name: "full disk", url: cut.URL, out: fullDisk{}, want: NotStored, attempts: 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.out == nil {
				c.out = io.Discard
			}
			ctx := t.Context()
			if c.timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.timeout)
				defer cancel()
			}
			if c.transport == nil {
				c.transport = NewTransport(TransportOptions{})
			}
			_, err := newClientOn(c.transport, &tokens{}, 2).Do(ctx, newRequest(t, "POST", c.url+"/p?secret=hunter2", "b"), NewSink(Receiver{Body: c.out}, SinkOptions{}))
			var got *Error
			if !errors.As(err, &got) || got.Problem != c.want || got.Attempts != c.attempts {
				t.Fatalf("error = %#v, want %q after %d attempts", err, c.want, c.attempts)
			}
			if strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "POST "+c.url+"/p: ") {
				t.Errorf("error %q, want the URL without its query", err)
			}
		})
	}
}

func TestACancellationIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel(stop)
		<-r.Context().Done()
	}))
	defer server.Close()
	_, err := newClient(t, &tokens{}, 3).Do(ctx, newRequest(t, "GET", server.URL, ""), NewSink(Receiver{Body: io.Discard}, SinkOptions{}))
	if !errors.Is(err, stop) {
		t.Errorf("error = %v, want the cause of the cancellation", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
