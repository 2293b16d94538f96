package call

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// receive streams a body into the sink. One that is cut off is asked for again
// from there on, as often as a request may be sent, where the server can do
// that (RFC 9110, section 14).
func (c *Client) receive(ctx context.Context, r *http.Request, response *http.Response, sink *Sink) error {
	if err := sink.begin(response); err != nil {
		return err
	}
	validator, length := resumable(r, response), response.ContentLength
	for n := 1; ; n++ {
		_, err := io.Copy(sink, c.watched(response.Body))
		if err == nil && n > 1 && sink.bytes < length {
			err = io.ErrUnexpectedEOF // the rest had an end of its own, before that of the whole
		}
		if err == nil || isSink(err) || context.Cause(ctx) != nil || validator == "" || n >= c.attempts {
			return err
		}
		c.log.Warn().Msgf("the body is cut off after %d bytes; asking for the rest", sink.bytes)
		rest, whole, restErr := c.rest(ctx, r, validator, span{first: sink.bytes, length: length})
		if restErr != nil {
			return fmt.Errorf("%w; the rest was not to be had: %w", err, restErr)
		}
		_ = response.Body.Close() // broken already
		response, length = rest, whole
		defer func() { _ = rest.Body.Close() }() //nolint:gocritic // no more than there are attempts
	}
}

// resumable returns what names this very version of the body, "" where it
// cannot be asked for in parts.
func resumable(r *http.Request, response *http.Response) string {
	h := response.Header
	if r.Method != http.MethodGet || response.StatusCode != http.StatusOK || h.Get("Accept-Ranges") != "bytes" {
		return ""
	}
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return h.Get("Last-Modified")
}

// rest asks for the missing part of a body, of the same version only, and tells
// how long the whole is.
func (c *Client) rest(ctx context.Context, r *http.Request, validator string, missing span) (*http.Response, int64, error) {
	again := r.Clone(ctx)
	again.Header.Set("Range", fmt.Sprintf("bytes=%d-", missing.first))
	again.Header.Set("If-Range", validator)
	response, err := c.http.Do(again)
	if err != nil {
		return nil, 0, failed(ctx, again, err)
	}
	given := response.Header.Get("Content-Range")
	if got, ok := parseSpan(given); ok && response.StatusCode == http.StatusPartialContent && got.begins(missing) {
		return response, got.length, nil
	}
	discard(response)
	return nil, 0, fmt.Errorf("got %s with Content-Range %q, want 206 with %q", response.Status, given, missing)
}

// span is a part of a body: from its first byte on, of a whole length, which is
// negative where it is not known.
type span struct{ first, length int64 }

// parseSpan reads a Content-Range, "bytes 10-35/36". One that does not tell the
// whole length is of a body that ends with it.
func parseSpan(text string) (span, bool) {
	var first, last, length int64
	n, _ := fmt.Sscanf(text, "bytes %d-%d/%d", &first, &last, &length) // how much it could read is what counts
	if n == 2 {
		length = last + 1
	}
	return span{first: first, length: length}, n >= 2 && 0 <= first && first <= last && last < length
}

// begins says whether a part is the start of what is missing.
func (s span) begins(missing span) bool {
	return s.first == missing.first && (missing.length < 0 || s.length == missing.length)
}

func (s span) String() string {
	if s.length < 0 {
		return fmt.Sprintf("bytes %d-", s.first)
	}
	return fmt.Sprintf("bytes %d-%d/%d", s.first, s.length-1, s.length)
}
