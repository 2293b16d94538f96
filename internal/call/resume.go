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
	validator := resumable(r, response)
	for n := 1; ; n++ {
		_, err := io.Copy(sink, c.watched(response.Body))
		if err == nil || isSink(err) || context.Cause(ctx) != nil || validator == "" || n >= c.attempts {
			return err
		}
		c.log.Warn().Msgf("the body is cut off after %d bytes; asking for the rest", sink.bytes)
		rest, restErr := c.rest(ctx, r, validator, sink.bytes)
		if restErr != nil {
			return fmt.Errorf("%w; the rest was not to be had: %w", err, restErr)
		}
		_ = response.Body.Close() // broken already
		response = rest
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

// rest asks for the body from an offset on, of the same version only.
func (c *Client) rest(ctx context.Context, r *http.Request, validator string, from int64) (*http.Response, error) {
	again := r.Clone(ctx)
	again.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	again.Header.Set("If-Range", validator)
	response, err := c.http.Do(again)
	if err != nil {
		return nil, failed(ctx, again, err)
	}
	want := fmt.Sprintf("bytes %d-", from)
	if response.StatusCode == http.StatusPartialContent && strings.HasPrefix(response.Header.Get("Content-Range"), want) {
		return response, nil
	}
	discard(response)
	return nil, fmt.Errorf("got %s with Content-Range %q, want 206 with %q", response.Status, response.Header.Get("Content-Range"), want)
}
