package call

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
)

// Receiver takes an answer as it comes in.
type Receiver struct {
	// Begin is told status line and header before the body; it may be nil.
	Begin func(status string, header http.Header) error
	// Body takes the body.
	Body io.Writer
}

// SinkOptions say what a Sink does with a body.
type SinkOptions struct {
	// Keep is how many bytes of the body's start are kept in memory.
	Keep int
	// Limit is the longest body that is taken, in bytes; 0 means any.
	Limit int64
}

// Sink takes a body as it streams in: on to a receiver, through a digest, and
// its start into memory.
type Sink struct {
	to      Receiver
	options SinkOptions
	head    []byte
	bytes   int64
	hash    hash.Hash
}

// NewSink makes a sink for one answer.
func NewSink(to Receiver, o SinkOptions) *Sink {
	return &Sink{to: to, options: o, hash: sha256.New()}
}

// Head is the start of the body, and whether that is all of it.
func (s *Sink) Head() (head []byte, whole bool) {
	return s.head, s.bytes == int64(len(s.head))
}

// Bytes is how much of the body has come so far.
func (s *Sink) Bytes() int64 { return s.bytes }

// SHA256 is the hex digest of what has come so far.
func (s *Sink) SHA256() string { return hex.EncodeToString(s.hash.Sum(nil)) }

// Write takes a piece of the body.
func (s *Sink) Write(p []byte) (int, error) {
	n, err := s.store(p)
	s.digest(p[:n])
	return n, err
}

// store keeps the start of the body and passes a piece on.
func (s *Sink) store(p []byte) (int, error) {
	if limit := s.options.Limit; limit > 0 && s.bytes+int64(len(p)) > limit {
		return 0, tooLarge(limit)
	}
	n, err := s.to.Body.Write(p)
	if room := s.options.Keep - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, n)]...)
	}
	s.bytes += int64(n)
	if err != nil {
		return n, &sinkError{problem: NotStored, err: err}
	}
	return n, nil
}

func (s *Sink) digest(p []byte) { _, _ = s.hash.Write(p) } // a hash never fails

// begin takes the header of an answer, and refuses one whose body is too long
// before the body comes.
func (s *Sink) begin(response *http.Response) error {
	bodyless := response.Request != nil && response.Request.Method == http.MethodHead
	if limit := s.options.Limit; limit > 0 && response.ContentLength > limit && !bodyless {
		return tooLarge(limit)
	}
	if s.to.Begin == nil {
		return nil
	}
	if err := s.to.Begin(response.Proto+" "+response.Status, response.Header); err != nil {
		return &sinkError{problem: NotStored, err: err}
	}
	return nil
}

func tooLarge(limit int64) error {
	return &sinkError{problem: TooLarge, err: fmt.Errorf("more than %d bytes", limit)}
}

// sinkError tells what is wrong on this side from a broken connection.
type sinkError struct {
	problem Problem
	err     error
}

func (e *sinkError) Error() string { return e.err.Error() }
func (e *sinkError) Unwrap() error { return e.err }
