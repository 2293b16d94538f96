package buffer_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/localgcp/tasks/buffer"
)

const tasks = "/v2/projects/p/locations/l/queues/q/tasks"

// echo answers with what it is asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Seen", fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, r.Header.Get("Authorization")))
	if r.Header.Get("Authorization") == "" {
		w.WriteHeader(http.StatusUnauthorized)
	}
	_, _ = w.Write(body)
}

func TestHandler(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, path, kind, body string
		want                           string
	}{
		{"made name", "POST", tasks + ":buffer", "text/plain", "hello", `{"task":{"task":{"httpRequest":{"body":"aGVsbG8=","headers":{"Content-Type":"text/plain"}}}}}`},
		{"empty name", "POST", tasks + "/:buffer", "", "", `{"task":{"task":{"httpRequest":{"headers":{"Content-Type":"application/json"}}}}}`},
		{"own name", "POST", tasks + "/mine:buffer", "", "{}",
			`{"task":{"task":{"name":"projects/p/locations/l/queues/q/tasks/mine","httpRequest":{"body":"e30=","headers":{"Content-Type":"application/json"}}}}}`},
		{"other method", "GET", tasks + ":buffer", "", "x", "x"},
		{"other verb", "POST", tasks + "/mine:run", "", "x", "x"},
		{"other collection", "POST", "/v2/projects/p/locations/l/queues/q:buffer", "", "x", "x"},
		{"tasksmore", "POST", tasks + "more:buffer", "", "x", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.kind)
			r.Header.Set("Authorization", "Bearer x")
			w := httptest.NewRecorder()
			buffer.Handler(http.HandlerFunc(echo)).ServeHTTP(w, r)
			if got := strings.NewReplacer(" ", "", "\n", "").Replace(w.Body.String()); w.Code != 200 || got != tt.want {
				t.Errorf("got %d %s, want %s", w.Code, got, tt.want)
			}
		})
	}
}

func TestErrorsPass(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	buffer.Handler(http.HandlerFunc(echo)).ServeHTTP(w, httptest.NewRequest(http.MethodPost, tasks+":buffer", http.NoBody))
	if w.Code != 401 || w.Header().Get("X-Seen") != "POST "+tasks+" " {
		t.Errorf("got %d %v, want the refusal of the creation", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	buffer.Handler(http.HandlerFunc(echo)).ServeHTTP(w, httptest.NewRequest(http.MethodPost, tasks+":buffer", strings.NewReader(strings.Repeat("x", 3<<20))))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "Task size too large") {
		t.Errorf("a large body: got %d %s", w.Code, w.Body)
	}
}

// Whatever the path, the task is created below the same queue.
func FuzzHandler(f *testing.F) {
	f.Add(tasks + "/x:buffer")
	f.Add("/v2/tasks/tasks/:buffer")
	f.Add("/v2//tasks:buffer:buffer")
	f.Fuzz(func(t *testing.T, path string) {
		r := &http.Request{Method: http.MethodPost, Header: http.Header{}, Body: http.NoBody}
		r = r.WithContext(t.Context())
		r.URL = httptest.NewRequest(http.MethodPost, "/", http.NoBody).URL
		r.URL.Path = path
		buffer.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path && (!strings.HasPrefix(path, r.URL.Path) || !strings.HasSuffix(r.URL.Path, "/tasks")) {
				t.Errorf("%q became %q", path, r.URL.Path)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}
