package expression

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Answer is what an expression sees.
type Answer struct {
	// Status is the HTTP status code.
	Status int
	// Header is the answer's header; names are lower-cased for the expression,
	// repeated ones joined by a comma.
	Header http.Header
	// Body is the whole body. Where it is JSON the expression sees its value,
	// otherwise its text.
	Body []byte
}

func (a Answer) input() map[string]any {
	headers := make(map[string]any, len(a.Header))
	for name, values := range a.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	body, ok := decode(a.Body)
	if !ok {
		body = strings.ToValidUTF8(string(a.Body), "\uFFFD")
	}
	return map[string]any{"status": a.Status, "headers": headers, "body": body}
}

// decode reads JSON. Numbers stay as they are written: an id of twenty digits is no
// float64. A byte order mark, which some services begin with, is not looked at.
func decode(text []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return value, errors.Is(err, io.EOF)
}
