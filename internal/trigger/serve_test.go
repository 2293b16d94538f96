package trigger_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/authcall/authcall/gate"
	"github.com/authcall/authcall/internal/trigger"
)

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// over sends a request over the network.
func over(w *world, base string, r request) answer {
	w.t.Helper()
	h := w.http(r)
	request, err := http.NewRequestWithContext(w.t.Context(), h.Method, base+h.URL.String(), h.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header = h.Header
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return read(w.t, got.StatusCode, got.Header, string(text))
}

// The end of a receiver: not ready, no new deliveries, and those under way answered.
func TestServeEndsInGoodOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute)
	called, goOn := make(chan struct{}), make(chan struct{})
	w.service.before = func(n int) error {
		if n == 1 {
			close(called)
			<-goOn
		}
		return nil
	}
	events, metrics := listen(t), listen(t)
	base := "http://" + events.Addr().String()
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(ctx, trigger.Listeners{Events: events, Metrics: metrics}) }()
	ready := request{path: "/readyz", method: http.MethodGet}
	if got := over(w, base, ready); got.status != http.StatusOK {
		t.Errorf("before: not ready: %s", got.text)
	}
	first := make(chan answer, 1)
	go func() { first <- over(w, base, keyed("first", "")) }()
	<-called
	end()
	for over(w, base, ready).status == http.StatusOK { // until it has heard of the end
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	if got := over(w, base, keyed("second", "")); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "1" {
		t.Errorf("a new delivery: %d %s", got.status, got.text)
	}
	if got := over(w, base, request{path: "/healthz", method: http.MethodGet}); got.status != http.StatusOK {
		t.Errorf("not alive: %s", got.text)
	}
	if got := over(w, base, request{path: "/metrics", method: http.MethodGet}); got.status != http.StatusNotFound {
		t.Errorf("the metrics are with the events too: %d", got.status)
	}
	if got := over(w, "http://"+metrics.Addr().String(), request{path: "/metrics", method: http.MethodGet}); !strings.Contains(got.text, "authpipe_deliveries_in_flight 1") {
		t.Errorf("metrics = %s", got.text)
	}
	close(goOn)
	if got := <-first; got.State != "submitted" {
		t.Errorf("the delivery under way: %s", got.text)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
	if err := events.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("it listens on: %v", err)
	}
}

// What takes longer than the end may take is cut, and the end is in time all the same.
func TestServeEndsInItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "limits: {shutdown_seconds: 1, request_seconds: 60}\n"+plainRoute)
	called, never := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(never) })
	w.service.before = func(int) error { close(called); <-never; return nil }
	events := listen(t)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(ctx, trigger.Listeners{Events: events}) }()
	h := w.http(keyed("k", ""))
	request, err := http.NewRequestWithContext(t.Context(), h.Method, "http://"+events.Addr().String()+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = h.Header
	go func() {
		if got, err := http.DefaultClient.Do(request); err == nil {
			_ = got.Body.Close()
		}
	}()
	<-called
	end()
	if err := <-ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
	if !strings.Contains(w.log.String(), "ran out") {
		t.Errorf("the log does not tell of it:\n%s", w.log.String())
	}
}

func TestServeTellsOfAListenerThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute)
	broken := listen(t)
	if err := broken.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Serve(t.Context(), trigger.Listeners{Events: broken}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	ready := request{path: "/readyz", method: http.MethodGet}
	without := newWorld(t, plainRoute, func(o *trigger.Options) { o.Tokens = gate.Policy{KeysURL: "http://127.0.0.1:1/keys"} })
	if got := without.send(ready); got.status != http.StatusServiceUnavailable || !strings.Contains(without.log.String(), "fetch the issuer's keys") {
		t.Errorf("without keys: %d, and the log\n%s", got.status, without.log.String())
	}
	if got := without.send(keyed("k", "")); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "5" {
		t.Errorf("a delivery without keys: %d %s", got.status, got.text)
	}
	without.counted(`authpipe_token_refusals_total{reason="keys unavailable",route="events"} 1`, true)
	if got := without.send(request{path: "/healthz", method: http.MethodGet}); got.status != http.StatusOK {
		t.Errorf("without keys: not alive: %d", got.status)
	}
	missing := errors.New("no credentials")
	w := newWorld(t, plainRoute, func(o *trigger.Options) {
		o.Ready = []func(context.Context) error{func(context.Context) error { return missing }}
	})
	if got := w.send(ready); got.status != http.StatusServiceUnavailable || strings.Contains(got.text, "credentials") {
		t.Errorf("without credentials: %d %s", got.status, got.text)
	}
	missing = nil
	if got := w.send(ready); got.status != http.StatusOK {
		t.Errorf("with all there is: %d %s", got.status, got.text)
	}
}

// The log has a line for each delivery, in its trace, and no more of it than that.
func TestLog(t *testing.T) {
	t.Parallel()
	const trace = "0123456789abcdef0123456789abcdef"
	for name, header := range map[string][2]string{
		"Google's":  {"X-Cloud-Trace-Context", trace + "/42;o=1"},
		"the W3C's": {"Traceparent", "00-" + trace + "-000000000000002a-01"},
	} {
		w := newWorld(t, plainRoute)
		r := keyed("k", "s3cret")
		r.header[header[0]] = header[1]
		if got := w.send(r); got.State != "submitted" {
			t.Fatal(got.text)
		}
		var line map[string]any
		if err := json.Unmarshal([]byte(w.log.String()), &line); err != nil {
			t.Fatalf("%s: not one line of JSON: %v\n%s", name, err, w.log.String())
		}
		for field, want := range map[string]any{
			"level": "info", "route": "events", "sender": "http", "outcome": "submitted", "status": 200.0, "delivery": "k",
			"logging.googleapis.com/trace": "projects/local-project/traces/" + trace,
		} {
			if line[field] != want {
				t.Errorf("%s: %s = %v, want %v", name, field, line[field], want)
			}
		}
		if strings.Contains(w.log.String(), "s3cret") || strings.Contains(w.log.String(), caller) {
			t.Errorf("%s: the log shows too much:\n%s", name, w.log.String())
		}
	}
}

// A fault of ours is told in the log, and costs nobody but its own delivery.
func TestServeTellsOfItsOwnFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRoute, func(o *trigger.Options) {
		o.Ready = []func(context.Context) error{func(context.Context) error { panic("a fault of ours") }}
	})
	events := listen(t)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(ctx, trigger.Listeners{Events: events}) }()
	base := "http://" + events.Addr().String()
	if got, err := http.Get(base + "/readyz"); err == nil {
		_ = got.Body.Close()
		t.Errorf("got %s, want a connection that is closed", got.Status)
	}
	if got := over(w, base, keyed("k", "")); got.State != "submitted" {
		t.Errorf("another delivery: %s", got.text)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !strings.Contains(w.log.String(), `"level":"error","message":"http: panic serving 127.0.0.1`) {
		t.Errorf("the log does not tell of it:\n%s", w.log.String())
	}
}
