package executor

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// File is a file that appears under its name only when it is complete.
type File struct {
	*os.File
	path string
}

// CreateBeside opens a file beside path, making the folder. The caller ends it
// with Publish or Discard.
func CreateBeside(path string) (*File, error) {
	dir, base := filepath.Split(path)
	if err := os.MkdirAll(filepath.Clean(dir), 0o755); err != nil { //nolint:gosec // the runtime reads outputs, often as another user
		return nil, fmt.Errorf("make the folder of %s: %w", path, err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, want a file", path)
	}
	// Not os.CreateTemp: its 0600 would need a chmod, which mounted object
	// stores do not all take.
	beside := fmt.Sprintf("%s.%s.%016x", dir, base, rand.Uint64())        //nolint:gosec // a name, not a secret
	f, err := os.OpenFile(beside, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // as above
	if err != nil {
		return nil, fmt.Errorf("write beside %s: %w", path, err)
	}
	return &File{File: f, path: path}, nil
}

// Publish closes the file and gives it its name.
func (f *File) Publish() error {
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Discard closes and removes the file.
func (f *File) Discard() error { return errors.Join(f.Close(), os.Remove(f.Name())) }

// WriteFile writes data to path whole or not at all, making its folder.
func WriteFile(path string, data []byte) error {
	file, err := CreateBeside(path)
	if err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		return errors.Join(err, file.Discard())
	}
	return file.Publish()
}
