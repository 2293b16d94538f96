package call

import (
	"io"
	"os"
	"time"
)

// watched bounds the silence within a body.
func (c *Client) watched(body io.ReadCloser) io.Reader {
	if c.idle <= 0 {
		return body
	}
	return &idleReader{body: body, patience: c.idle}
}

// idleReader closes a body that gives nothing for too long, which ends the read
// that waits for it.
type idleReader struct {
	body     io.ReadCloser
	patience time.Duration
}

func (r *idleReader) Read(p []byte) (int, error) {
	timer := time.AfterFunc(r.patience, func() { _ = r.body.Close() })
	n, err := r.body.Read(p)
	if !timer.Stop() && err != nil {
		return n, &idleError{patience: r.patience}
	}
	return n, err
}

// idleError means that a body gave nothing for too long.
type idleError struct{ patience time.Duration }

func (e *idleError) Error() string { return "nothing came for " + e.patience.String() }
func (e *idleError) Unwrap() error { return os.ErrDeadlineExceeded }
