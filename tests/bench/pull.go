package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/authcall/authcall/tests/internal/engine"
)

// pull weighs what a machine has to pull before the step can start, as registries
// hold it: the files of the component's image, and those that the Python flow needs
// of a Python. The latter has no Debian around it, which an image such as
// python-slim adds to it.
func (w *world) pull(ctx context.Context) error {
	ours, err := packed(func(a *engine.Archive) error {
		return errors.Join(a.File(filepath.Join(w.bin, "authcall"), "authcall"), a.Folder("tmp", 0o1777))
	})
	if err != nil {
		return err
	}
	modules := []string{"google.auth", "google.auth.transport.requests", "google.oauth2.id_token"}
	python, err := packed(func(a *engine.Archive) error {
		return engine.Python{Interpreter: w.python, Modules: modules}.Put(ctx, a)
	})
	if err != nil {
		return err
	}
	const mebibyte = 1 << 20
	_, err = fmt.Printf("\n%-44s %6.2f MiB, want at most 7\n%-44s %6.2f MiB\n",
		"Image of the step, gzip", float64(ours)/mebibyte, "Python and google-auth alone, gzip", float64(python)/mebibyte)
	return err
}

// count counts bytes.
type count int64

func (c *count) Write(p []byte) (int, error) {
	*c += count(len(p))
	return len(p), nil
}

// packed is the size in bytes of an archive under gzip.
func packed(fill func(*engine.Archive) error) (int64, error) {
	var size count
	writer := gzip.NewWriter(&size)
	archive := engine.NewArchive(writer)
	err := errors.Join(fill(archive), archive.Close(), writer.Close())
	return int64(size), err
}
