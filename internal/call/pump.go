package call

import (
	"errors"
	"io"
)

const (
	// firstPiece is enough for most answers, which then need no more machinery.
	firstPiece = 32 << 10
	// pieceBytes and pieceCount bound the memory of a long body: 1 MiB.
	pieceBytes = 256 << 10
	pieceCount = 4
)

// ReadFrom takes a body to its end; io.Copy calls it. The digest of a long body
// is made beside reading and writing, for it takes about as long as they do.
func (s *Sink) ReadFrom(body io.Reader) (int64, error) {
	before := s.bytes
	more, err := s.piece(body, make([]byte, firstPiece), s.digest)
	if more {
		err = s.pump(body)
	}
	return s.bytes - before, err
}

// pump moves the rest of a long body, with the digest in a goroutine of its own.
func (s *Sink) pump(body io.Reader) error {
	free, full := make(chan []byte, pieceCount), make(chan []byte, pieceCount)
	for range pieceCount {
		free <- make([]byte, pieceBytes)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for piece := range full {
			s.digest(piece)
			free <- piece[:cap(piece)]
		}
	}()
	more, err := true, error(nil)
	for more {
		more, err = s.piece(body, <-free, func(p []byte) { full <- p })
	}
	close(full)
	<-done
	return err
}

// piece moves one piece, and says whether there may be more. What was written
// goes to digest, which may keep it.
func (s *Sink) piece(body io.Reader, buffer []byte, digest func([]byte)) (bool, error) {
	n, readErr := body.Read(buffer)
	if n > 0 {
		written, err := s.store(buffer[:n])
		digest(buffer[:written])
		if err != nil {
			return false, err
		}
	}
	if errors.Is(readErr, io.EOF) {
		return false, nil
	}
	return readErr == nil, readErr
}
