package pipelineservice

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// errLocked says that somebody holds the lock.
var errLocked = errors.New("the job is run by another process")

// lock is held while a job runs. The system lets go of it when the process ends,
// however it does: a job that goes on by its file and is not locked has lost its
// server.
type lock struct{ file *os.File }

// lock takes the lock of a job, or returns errLocked.
func (s store) lock(name string) (*lock, error) {
	path := s.file(name, lockExtension)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return &lock{file}, nil
}

// release lets go of the lock. Its file is removed first, while nobody else can
// hold it.
func (l *lock) release() {
	_ = os.Remove(l.file.Name()) // a file that stays is taken for a free lock
	_ = l.file.Close()
}
