package localgcp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// claim is where a server keeps what changes while it runs: what senders hold, made
// accounts and set policies, and the credentials that it writes. Of the servers that
// share a state directory one alone goes on with what is kept there, so that nothing
// is sent twice; those beside it have a directory of their own, which is gone with
// them.
type claim struct {
	dir  string
	lock *os.File // held while the server runs; nil where another one holds it
	own  bool     // the directory is gone with the server
}

func newClaim(s state) (*claim, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(s.path("claim.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &claim{dir: s.dir, lock: file}, nil
	}
	if err = errors.Join(ignoring(err, syscall.EWOULDBLOCK), file.Close()); err != nil {
		return nil, fmt.Errorf("locking %s: %w", file.Name(), err)
	}
	dir, err := os.MkdirTemp("", "authpipe-local-*")
	return &claim{dir: dir, own: true}, err
}

// ignoring is the error, unless it is the one that is no fault.
func ignoring(err, noFault error) error {
	if errors.Is(err, noFault) {
		return nil
	}
	return err
}

// close lets the next server go on, or leaves nothing behind.
func (c *claim) close() error {
	if c.own {
		return os.RemoveAll(c.dir)
	}
	return ignoring(c.lock.Close(), os.ErrClosed)
}

// claimed is a file or directory of what changes.
func (s *Server) claimed(name string) string { return filepath.Join(s.claim.dir, name) }

// openClaim is called before anything serves.
func (s *Server) openClaim() (err error) {
	if s.claim, err = newClaim(s.state); err != nil {
		return err
	}
	if s.claim.own {
		s.log.Warn().Str("state", s.state.dir).
			Msg("another local Google runs in this state directory: accounts, policies, topics, queues and jobs that are made in this one are its own, and gone with it")
	}
	outdated, err := s.directory.Keep(s.claimed("iam.json"))
	for _, resource := range outdated {
		s.log.Warn().Str("resource", resource).
			Msg("the configuration declares another policy than when one was set: what it declares holds")
	}
	return err
}
