package component

import (
	"encoding/json"
	"net/http"
	"strings"
)

// request builds the request, less its credential. Its body can be read again
// for another attempt.
func (c *Caller) request() (*http.Request, error) {
	// The context is given with the call, as each attempt has its own.
	r, err := http.NewRequest(c.config.Method, c.config.URL, strings.NewReader(c.config.Body)) //nolint:noctx // see above
	if err != nil {
		return nil, err
	}
	if c.config.Body == "" {
		r.Body, r.GetBody = http.NoBody, nil
	}
	for name, value := range c.config.Headers {
		r.Header.Set(name, value)
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", userAgent())
	}
	if c.config.Body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", contentType(c.config.Body))
	}
	return r, nil
}

func contentType(body string) string {
	if json.Valid([]byte(body)) {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}
