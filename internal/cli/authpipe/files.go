package authpipe

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeOutput writes to a file, or to stdout where none is named.
func writeOutput(stdout io.Writer, file string, data []byte) error {
	if file == "" {
		_, err := io.Copy(stdout, bytes.NewReader(data))
		return err
	}
	if err := writeFile(file, data, 0o644); err != nil {
		return usageErrorf("writing output: %w", err)
	}
	return nil
}

// writeFile replaces a regular file at once: whoever reads it sees all of the
// old one or all of the new one. Anything else, such as a device, is written to.
func writeFile(file string, data []byte, mode os.FileMode) error {
	if info, err := os.Lstat(file); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(file, data, mode)
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		failed.Path = file // which is what the user knows
	}
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // not there any more once it was renamed
	_, err = temporary.Write(data)
	if err == nil {
		err = temporary.Chmod(mode)
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}
