package localgcp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// senders is where the services keep their state that call others by themselves.
// Of the servers that share a state directory one alone goes on with what is kept
// there, so that nothing is sent twice; those beside it have a directory of their
// own, which is gone with them.
type senders struct {
	dir  string
	lock *os.File // held while they run; nil where another server holds it
	own  bool     // the directory is gone with the server
}

func openSenders(s state) (*senders, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(s.path("senders.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &senders{dir: s.dir, lock: file}, nil
	}
	if err = errors.Join(ignoring(err, syscall.EWOULDBLOCK), file.Close()); err != nil {
		return nil, fmt.Errorf("locking %s: %w", file.Name(), err)
	}
	dir, err := os.MkdirTemp("", "authpipe-senders-*")
	return &senders{dir: dir, own: true}, err
}

// ignoring is the error, unless it is the one that is no fault.
func ignoring(err, noFault error) error {
	if errors.Is(err, noFault) {
		return nil
	}
	return err
}

// close lets the next server go on, or leaves nothing behind.
func (s *senders) close() error {
	if s.own {
		return os.RemoveAll(s.dir)
	}
	return ignoring(s.lock.Close(), os.ErrClosed)
}

// senderDir is the directory of one of them.
func (s *Server) senderDir(name string) string { return filepath.Join(s.senders.dir, name) }

// lockSenders is called before the first of them starts.
func (s *Server) lockSenders() (err error) {
	if s.senders, err = openSenders(s.state); err != nil {
		return err
	}
	if s.senders.own {
		s.log.Warn().Str("state", s.state.dir).
			Msg("another local Google sends from this state directory: topics, queues and jobs of this one are its own, and gone with it")
	}
	return nil
}
