package acceptance

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// app is somebody's own service that behaves badly on request, and the other
// origin that its redirects lead to. It verifies nothing: scripts use it where
// the front door of a real service would be in the way.
type app struct {
	service, other *httptest.Server

	mu     sync.Mutex
	counts map[string]int // requests by path
	tokens int            // requests to other that carried a credential
}

type appKey struct{}

// startApp is the script command `app`: it serves until the script ends and
// sets $APP to its base URL.
func startApp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: app")
	}
	a := &app{counts: map[string]int{}}
	a.other = httptest.NewServer(http.HandlerFunc(a.landing))
	ts.Defer(a.other.Close)
	a.service = httptest.NewServer(a.routes())
	ts.Defer(a.service.Close)
	ts.Setenv("APP", a.service.URL)
	ts.Value(appKey{}).(*appBox).app = a
}

// appBox holds the script's app between its commands.
type appBox struct{ app *app }

func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"greeting": "hello", "number": 7}`+"\n")
	})
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(r.PathValue("code"))
		if err != nil {
			code = http.StatusBadRequest
		}
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(code)
		_, _ = fmt.Fprintf(w, "this is a %d", code)
	})
	mux.HandleFunc("/recovers", func(w http.ResponseWriter, _ *http.Request) {
		if a.count("/recovers") < 3 { // this request included
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "up again")
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/truncate", truncate)
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, a.other.URL+"/landing", http.StatusFound)
	})
	mux.HandleFunc("/signin", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://accounts.google.com/o/oauth2/v2/auth?client_id=1234.apps.googleusercontent.com", http.StatusFound)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.counts[r.URL.Path]++
		a.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

// echo answers with the request as text, its credential left out.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_, _ = fmt.Fprintf(w, "%s %s\ncontent-type: %s\nx-note: %s\ncredential: %t\n\n%s", r.Method, r.URL.RequestURI(),
		r.Header.Get("Content-Type"), r.Header.Get("X-Note"), r.Header.Get("Authorization") != "", body)
}

// truncate declares more bytes than it sends and hangs up.
func truncate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, "only the start")
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

// landing is where a redirect ends that should not have been followed.
func (a *app) landing(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Header.Get("Authorization") != "" || r.Header.Get("X-Serverless-Authorization") != "" {
		a.tokens++
	}
	_, _ = io.WriteString(w, "landed")
}

func (a *app) count(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts[path]
}

// seen is the script command `seen PATH COUNT`: so often was the app asked.
func seen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: seen PATH COUNT")
	}
	if got := ts.Value(appKey{}).(*appBox).app.count(args[0]); strconv.Itoa(got) != args[1] {
		ts.Fatalf("%s was asked for %d times, want %s", args[0], got, args[1])
	}
}

// tokens is the script command `! tokens`: no credential reached the other
// origin.
func tokens(ts *testscript.TestScript, neg bool, args []string) {
	if !neg || len(args) > 0 {
		ts.Fatalf("usage: ! tokens")
	}
	a := ts.Value(appKey{}).(*appBox).app
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens > 0 {
		ts.Fatalf("%d requests carried a credential to the redirect's target", a.tokens)
	}
}
