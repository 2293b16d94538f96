package statefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Create keeps the data in a new file, and in directories made for it. A file
// that is there already stays as it is.
func Create(path string, data []byte) error {
	return publish(path, data, func(from, to string) error {
		if err := os.Link(from, to); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return os.Remove(from)
	})
}

// Replace keeps the data in the file, in place of what it holds.
func Replace(path string, data []byte) error { return publish(path, data, os.Rename) }

// publish writes beside the place and puts the whole file there.
func publish(path string, data []byte, put func(from, to string) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*.new") // its mode is 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return put(f.Name(), path)
}
