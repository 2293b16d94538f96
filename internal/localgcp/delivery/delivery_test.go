package delivery_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

const secret = "the-token-that-nobody-sees"

// minter mints the secret, or refuses.
type minter struct{ err error }

func (m minter) Mint(serviceagent.Token) (string, error) { return secret, m.err }

type seen struct {
	*http.Request
	body string
}

// target answers with the handler and tells what it got.
func target(t *testing.T, answer http.HandlerFunc) (url string, got chan seen) {
	t.Helper()
	got = make(chan seen, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- seen{r, string(body)}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, got
}

func client(t *testing.T, o delivery.Options) *delivery.Client {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.New(0)
	}
	c, err := delivery.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	url, got := target(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	c := client(t, delivery.Options{Log: zerolog.New(&log)})
	result := c.Deliver(t.Context(), minter{}, delivery.Request{
		Method: http.MethodPut, URL: url + "/work?key=hidden", Header: http.Header{"X-Job": {"a"}}, Body: []byte("body"),
		Token: &serviceagent.Token{ServiceAccount: "a@b", Audience: "x"}, UserAgent: "Sender", Attempt: 3,
	})
	if !result.OK() || result.Status != http.StatusAccepted {
		t.Errorf("got %+v, want 202", result)
	}
	r := <-got
	if r.Method != http.MethodPut || r.URL.String() != "/work?key=hidden" || r.body != "body" {
		t.Errorf("got %s %s %q", r.Method, r.URL, r.body)
	}
	for name, want := range map[string]string{"X-Job": "a", "User-Agent": "Sender", "Authorization": "Bearer " + secret} {
		if r.Header.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, r.Header.Get(name), want)
		}
	}
	for _, want := range []string{`"method":"PUT"`, `/work"`, `"attempt":3`, `"account":"a@b"`, `"status":202`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log %s has no %s", &log, want)
		}
	}
	for _, bad := range []string{secret, "hidden"} {
		if strings.Contains(log.String(), bad) {
			t.Errorf("log %s has %s", &log, bad)
		}
	}
}

func TestWithoutAToken(t *testing.T) {
	t.Parallel()
	url, got := target(t, func(http.ResponseWriter, *http.Request) {})
	if result := client(t, delivery.Options{}).Deliver(t.Context(), nil, delivery.Request{URL: url}); !result.OK() {
		t.Errorf("got %+v", result)
	}
	if r := <-got; r.Method != http.MethodPost || r.Header.Get("Authorization") != "" {
		t.Errorf("got %s with %q, want POST with no credential", r.Method, r.Header.Get("Authorization"))
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	url, got := target(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
	})
	result := client(t, delivery.Options{}).Deliver(t.Context(), minter{}, delivery.Request{URL: url, Token: &serviceagent.Token{}})
	if result.Status != http.StatusTemporaryRedirect || result.OK() || len(got) != 1 {
		t.Errorf("got %+v after %d requests, want 307 after one", result, len(got))
	}
}

// A host below googleapis.com is the local APIs; one that only looks like it is
// not, so that the wrong host is never sent a request for the right one.
func TestGooglesAPIsAreAtHome(t *testing.T) {
	t.Parallel()
	url, got := target(t, func(http.ResponseWriter, *http.Request) {})
	c := client(t, delivery.Options{APIs: url})
	if result := c.Deliver(t.Context(), nil, delivery.Request{URL: "https://us-central1-aiplatform.googleapis.com/v1/x?y=z"}); !result.OK() {
		t.Fatalf("got %+v", result)
	}
	if r := <-got; r.URL.String() != "/v1/x?y=z" || r.Host != "us-central1-aiplatform.googleapis.com" {
		t.Errorf("got %s of %s", r.URL, r.Host)
	}
	for host, want := range map[string]bool{"run.googleapis.com": true, "RUN.GOOGLEAPIS.COM": true, "googleapis.com": false, "evilgoogleapis.com": false, "a.googleapis.com.example.com": false} {
		if got := delivery.IsGoogleAPI(host); got != want {
			t.Errorf("%s: got %v, want %v", host, got, want)
		}
	}
}

func TestRefusedToken(t *testing.T) {
	t.Parallel()
	url, got := target(t, func(http.ResponseWriter, *http.Request) {})
	refusal := &serviceagent.Denied{Agent: "a"}
	result := client(t, delivery.Options{}).Deliver(t.Context(), minter{refusal}, delivery.Request{URL: url, Token: &serviceagent.Token{}})
	if !errors.Is(result.Err, refusal) || len(got) != 0 {
		t.Errorf("got %+v after %d requests, want the refusal and none", result, len(got))
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	url, _ := target(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	o := delivery.Options{Clock: clock.New(0)}
	c := client(t, o)
	done := make(chan delivery.Result, 1)
	go func() { done <- c.Deliver(t.Context(), nil, delivery.Request{URL: url, Deadline: 30 * time.Minute}) }()
	for {
		o.Clock.Advance(time.Hour) // until the request is under way
		select {
		case result := <-done:
			if !errors.Is(result.Err, delivery.ErrDeadline) {
				t.Errorf("got %+v, want that the deadline is exceeded", result)
			}
			return
		default:
		}
	}
}

func TestUnreached(t *testing.T) {
	t.Parallel()
	url, _ := target(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "9") })
	for name, raw := range map[string]string{
		"cut answer":   url,
		"nobody there": "http://127.0.0.1:1/?key=hidden",
		"no URL":       "http://[?key=hidden",
	} {
		result := client(t, delivery.Options{}).Deliver(t.Context(), nil, delivery.Request{URL: raw})
		if result.Err == nil || result.OK() || strings.Contains(result.Err.Error(), "hidden") {
			t.Errorf("%s: got %+v, want an error without the query", name, result)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	c := clock.New(0)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-7":                            0,
		"soon":                          0,
		"99999999999":                   24 * time.Hour,
		"9223372036854775807":           24 * time.Hour,
		"Mon, 02 Jan 2006 15:04:05 GMT": 0,
		"Sat, 02 Jan 2106 15:04:05 GMT": 24 * time.Hour,
	} {
		url, _ := target(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		result := client(t, delivery.Options{Clock: c}).Deliver(t.Context(), nil, delivery.Request{URL: url})
		if result.Status != http.StatusServiceUnavailable || result.RetryAfter != want {
			t.Errorf("%q: got %+v, want %v", header, result, want)
		}
	}
}
