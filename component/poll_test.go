package component

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/exitcode"
)

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

func TestAnOperationIsBegunAgainOnlyWhenItIsOver(t *testing.T) {
	cases := []struct {
		name   string
		status int
		begun  int
	}{
		{"a service that is down", http.StatusBadGateway, 1},
		{"a right that is missing", http.StatusForbidden, 1},
		{"an operation that is gone", http.StatusGone, 2},
		{"an answer that poll_until does not fit", http.StatusNoContent, 1},
		{"an operation that is done", http.StatusOK, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var begun atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					begun.Add(1)
					_, _ = io.WriteString(w, `{"done": false}`)
					return
				}
				w.WriteHeader(c.status)
				if c.status != http.StatusNoContent {
					_, _ = io.WriteString(w, `{"done": true}`)
				}
			}))
			defer server.Close()
			input := inputFor(t, t.TempDir(), map[string]any{"url": server.URL, "poll_until": ".body.done", "max_attempts": 1})
			for range 2 {
				step := newStep(t)
				step.Policy = testPolicy(t)
				err := step.Run(t.Context(), input)
				if (err == nil) != (c.status == http.StatusOK) {
					t.Fatalf("Run = %v", err)
				}
			}
			if got := int(begun.Load()); got != c.begun {
				t.Errorf("begun %d times in two tries of the task, want %d", got, c.begun)
			}
		})
	}
}

func TestOnlyTheFirstRequestHasTheKey(t *testing.T) {
	for name, options := range map[string]map[string]string{
		"an operation":     {"poll_until": ".body.done", "idempotency_key": "auto"},
		"pages":            {"next_page": ".body.next", "idempotency_key": "mine"},
		"a key in headers": {"poll_until": ".body.done", "headers": `{"idempotency-key": "own"}`},
	} {
		var keys []bool
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			keys = append(keys, r.Header.Get("Idempotency-Key") != "")
			if r.Method == http.MethodPost {
				_, _ = io.WriteString(w, `{"done": false, "next": "/2"}`)
				return
			}
			_, _ = io.WriteString(w, `{"done": true}`)
		}))
		options["url"] = server.URL
		if _, _, err := do(t, testPolicy(t), options); err != nil || !slices.Equal(keys, []bool{true, false}) {
			t.Errorf("%s: requests with a key: %v, %v; want the first alone", name, keys, err)
		}
		server.Close()
	}
}
