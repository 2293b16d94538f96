package metadata

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The kinds of entry: a directory of further entries, values that are shown as
// text or as JSON, one of them asked for each time, and answers that are made for
// each request.
type (
	directory map[string]any
	text      string
	number    string
	list      []string
	fresh     func() string
	dynamic   http.HandlerFunc
)

// serve finds the entry at the path, which is empty or begins with a slash.
func (d directory) serve(w http.ResponseWriter, r *http.Request, path string) {
	if path == "" {
		http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
		return
	}
	name, rest, deeper := strings.Cut(path[1:], "/")
	if name == "" {
		d.list(w, r)
		return
	}
	entry, below := d[name].(directory)
	switch {
	case below && deeper:
		entry.serve(w, r, "/"+rest)
	case below:
		entry.serve(w, r, "")
	case deeper || d[name] == nil:
		http.Error(w, "Not Found", http.StatusNotFound)
	default:
		writeValue(w, r, d[name])
	}
}

// list shows the names, or with recursive=true all values as JSON.
func (d directory) list(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("recursive") == "true" {
		writeJSON(w, d)
		return
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d)) {
		b.WriteString(name)
		if _, ok := d[name].(directory); ok {
			b.WriteByte('/')
		}
		b.WriteByte('\n')
	}
	writeText(w, b.String())
}

func writeValue(w http.ResponseWriter, r *http.Request, value any) {
	answer, made := value.(dynamic)
	if made {
		answer(w, r)
		return
	}
	if r.URL.Query().Get("alt") == "json" {
		writeJSON(w, value)
		return
	}
	switch v := value.(type) {
	case text:
		writeText(w, string(v))
	case fresh:
		writeText(w, v())
	case number:
		writeText(w, string(v))
	case list:
		writeText(w, strings.Join(v, "\n")+"\n")
	}
}

// MarshalJSON leaves out what is made for each request, as the real server does.
func (d directory) MarshalJSON() ([]byte, error) {
	shown := map[string]any{}
	for name, entry := range d {
		if _, ok := entry.(dynamic); !ok {
			shown[camelCase(name)] = entry
		}
	}
	return json.Marshal(shown)
}

// MarshalJSON writes the present value.
func (f fresh) MarshalJSON() ([]byte, error) { return json.Marshal(f()) }

// MarshalJSON writes the digits as they are.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// camelCase turns project-id into projectId; emails stay as they are.
func camelCase(name string) string {
	if strings.Contains(name, "@") {
		return name
	}
	words := strings.Split(name, "-")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func writeText(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/text")
	_, _ = io.WriteString(w, body)
}

func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
