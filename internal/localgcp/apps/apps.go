package apps

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

const maxBody = 10 << 20

// Named returns an application by its name.
func Named(name string) (http.Handler, error) {
	switch name {
	case "hello":
		return http.HandlerFunc(hello), nil
	case "echo":
		return http.HandlerFunc(echo), nil
	}
	return nil, fmt.Errorf("app %q is unknown, want one of %q", name, Names())
}

// Names lists the applications.
func Names() []string { return []string{"hello", "echo"} }

// Greeting is the answer of hello.
type Greeting struct {
	// Message greets the caller.
	Message string `json:"message"`
	// Method and Path are those of the request.
	Method string `json:"method"`
	Path   string `json:"path"`
	// Caller is who the front door let in, empty for a public service.
	Caller string `json:"caller,omitempty"`
	// Body is the request body where that is JSON.
	Body json.RawMessage `json:"body,omitempty"`
}

func hello(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	g := Greeting{Message: "Hello!", Method: r.Method, Path: r.URL.Path, Caller: caller(r.Header)}
	if g.Caller != "" {
		g.Message = fmt.Sprintf("Hello, %s!", g.Caller)
	}
	if json.Valid(body) {
		g.Body = body
	}
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(g)
}

// echo sends the body back as it came.
func echo(w http.ResponseWriter, r *http.Request) {
	if t := r.Header.Get("Content-Type"); t != "" {
		w.Header().Set("Content-Type", t)
	}
	w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(w, http.MaxBytesReader(w, r.Body, maxBody))
}
