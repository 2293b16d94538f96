package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/executor"
)

// newBody makes the request body that the config describes. Its form follows
// the content type among the headers: a form or multipart body is given as a
// JSON object of its fields.
func newBody(c Config, p Policy) (body, error) {
	declared := headerValue(c.Headers, "Content-Type")
	kind, _, err := mime.ParseMediaType(declared)
	if declared != "" && err != nil {
		return body{}, fmt.Errorf("headers: Content-Type: %w", err)
	}
	switch {
	case c.BodyURI != "":
		return fileBody(c.BodyURI, p, declared)
	case c.Body == "":
		return body{}, nil
	case kind == "application/x-www-form-urlencoded" && isObject(c.Body):
		return formBody(c.Body)
	case kind == "multipart/form-data" && isObject(c.Body):
		return multipartBody(c.Body, p)
	case kind == "application/json" && !json.Valid([]byte(c.Body)):
		return body{}, errors.New("body is not JSON, which the Content-Type among headers says")
	case declared == "":
		declared = contentType(c.Body)
	}
	return body{pieces: []piece{textPiece([]byte(c.Body))}, contentType: declared}, nil
}

func fileBody(uri string, p Policy, declared string) (body, error) {
	path, err := executor.Path(p.MountRoot, uri)
	if err != nil {
		return body{}, fmt.Errorf("body_uri: %w", err)
	}
	file, err := filePiece(path)
	if err != nil {
		return body{}, fmt.Errorf("body_uri: %w", err)
	}
	if declared == "" {
		declared = fileType(path)
	}
	return body{pieces: []piece{file}, contentType: declared}, nil
}

// fileType is the content type that a file's name tells. It is not asked of the
// system, whose tables differ from image to image.
func fileType(path string) string {
	known := map[string]string{
		".json": "application/json", ".jsonl": "application/jsonl", ".csv": "text/csv; charset=utf-8",
		".txt": "text/plain; charset=utf-8", ".xml": "application/xml", ".pdf": "application/pdf",
	}
	if kind, ok := known[strings.ToLower(filepath.Ext(path))]; ok {
		return kind
	}
	return "application/octet-stream"
}

func formBody(text string) (body, error) {
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return body{}, errors.New("body is not a JSON object of form fields")
	}
	form := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		values, isList := fields[name].([]any)
		if !isList {
			values = []any{fields[name]}
		}
		for _, value := range values {
			form.Add(name, fieldText(value))
		}
	}
	return body{pieces: []piece{textPiece([]byte(form.Encode()))}, contentType: "application/x-www-form-urlencoded"}, nil
}

// fieldText is a JSON value as the text of a form field: a string as it is,
// anything else as JSON.
func fieldText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	data, _ := json.Marshal(value) // it came from JSON
	return string(data)
}

func isObject(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "{") }

func contentType(text string) string {
	if json.Valid([]byte(text)) {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

func headerValue(headers StringMap, name string) string {
	for key, value := range headers {
		if http.CanonicalHeaderKey(key) == name {
			return value
		}
	}
	return ""
}
