package call

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
)

// Sink takes a body as it streams in: on to a writer, through a digest, and
// its start into memory.
type Sink struct {
	to    Receiver
	keep  int
	head  []byte
	bytes int64
	hash  hash.Hash
}

// Receiver takes an answer as it comes in.
type Receiver struct {
	// Begin is told status line and header before the body; it may be nil.
	Begin func(status string, header http.Header) error
	// Body takes the body.
	Body io.Writer
}

// NewSink makes a sink that passes an answer on and keeps the first keep bytes
// of its body.
func NewSink(to Receiver, keep int) *Sink {
	return &Sink{to: to, keep: keep, hash: sha256.New()}
}

// Head is the start of the body, and whether that is all of it.
func (s *Sink) Head() (head []byte, whole bool) {
	return s.head, s.bytes == int64(len(s.head))
}

// Write takes a piece of the body.
func (s *Sink) Write(p []byte) (int, error) {
	if room := s.keep - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	_, _ = s.hash.Write(p) // a hash never fails
	n, err := s.to.Body.Write(p)
	s.bytes += int64(n)
	if err != nil {
		return n, &sinkError{err: err}
	}
	return n, nil
}

func (s *Sink) receive(response *http.Response) error {
	if s.to.Begin != nil {
		if err := s.to.Begin(response.Proto+" "+response.Status, response.Header); err != nil {
			return &sinkError{err: err}
		}
	}
	_, err := io.Copy(s, response.Body)
	return err
}

func (s *Sink) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }

// sinkError tells a full disk from a broken connection.
type sinkError struct{ err error }

func (e *sinkError) Error() string { return e.err.Error() }
func (e *sinkError) Unwrap() error { return e.err }
