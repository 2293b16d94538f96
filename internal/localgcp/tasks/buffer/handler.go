package buffer

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

const (
	verb = ":buffer"
	// maxBody is more than any task may hold, in bytes.
	maxBody = 2 << 20
	// plain is the content type of a request that names none.
	plain = "application/json"
)

// Handler answers POST …/queues/Q/tasks:buffer and …/tasks/ID:buffer by creating the
// task through next, which answers all other requests, too.
func Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tasks, id, ok := split(r.URL.Path)
		if !ok || r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			apierror.InvalidArgument("Task size too large").Write(w)
			return
		}
		create, err := creation(r, tasks, id, body)
		if err != nil {
			apierror.InvalidArgument("%v", err).Write(w)
			return
		}
		a := &answer{header: http.Header{}, code: http.StatusOK}
		next.ServeHTTP(a, create)
		a.write(w)
	})
}

// split reads the path of the tasks, and the id that the new one shall have.
func split(path string) (tasks, id string, ok bool) {
	path, ok = strings.CutSuffix(path, verb)
	i := strings.LastIndex(path, "/tasks")
	if !ok || i < 0 {
		return "", "", false
	}
	tasks, id = path[:i+len("/tasks")], path[i+len("/tasks"):]
	if id != "" && id[0] != '/' {
		return "", "", false
	}
	return tasks, strings.TrimPrefix(id, "/"), true
}

type creating struct {
	Task task `json:"task"`
}

type task struct {
	Name    string  `json:"name,omitempty"`
	Request request `json:"httpRequest"`
}

type request struct {
	Body    []byte            `json:"body,omitempty"`
	Headers map[string]string `json:"headers"`
}

// creation is the request that creates the task, by the same caller.
func creation(r *http.Request, tasks, id string, body []byte) (*http.Request, error) {
	wanted := creating{task{Request: request{Body: body, Headers: map[string]string{"Content-Type": plain}}}}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		wanted.Task.Request.Headers["Content-Type"] = kind
	}
	if id != "" {
		wanted.Task.Name = strings.TrimPrefix(tasks, "/v2/") + "/" + id
	}
	data, err := json.Marshal(wanted)
	if err != nil {
		return nil, err
	}
	create := r.Clone(r.Context())
	create.URL.Path, create.URL.RawPath = tasks, ""
	create.Header.Set("Content-Type", "application/json")
	create.Header.Del("Content-Encoding")
	create.Body, create.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	return create, nil
}

// answer is what the creation says.
type answer struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(code int) { a.code = code }

func (a *answer) Write(data []byte) (int, error) { return a.body.Write(data) }

// write answers with the task inside of what this method answers, or with the error.
func (a *answer) write(w http.ResponseWriter) {
	if a.code == http.StatusOK {
		apierror.WriteJSON(w, http.StatusOK, map[string]json.RawMessage{"task": a.body.Bytes()})
		return
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body.Bytes()) // the client is gone where this fails
}
