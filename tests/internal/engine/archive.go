package engine

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Archive takes the files of an image.
type Archive struct {
	tar *tar.Writer
}

// NewArchive writes an archive to w. The caller closes it.
func NewArchive(w io.Writer) *Archive { return &Archive{tar: tar.NewWriter(w)} }

// Close ends the archive.
func (a *Archive) Close() error { return a.tar.Close() }

// Folder adds an empty folder.
func (a *Archive) Folder(name string, mode int64) error {
	return a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode})
}

// File adds a file of this machine under a name, links followed.
func (a *Archive) File(file, name string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: int64(info.Mode().Perm())}
	if err := a.tar.WriteHeader(header); err != nil {
		return err
	}
	if _, err := io.Copy(a.tar, f); err != nil {
		return fmt.Errorf("put %s into the image: %w", file, err)
	}
	return nil
}

// Dir adds what is below a folder of this machine, as far as keep takes it by
// its path below the folder.
func (a *Archive) Dir(dir, name string, keep func(below string) bool) error {
	return filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		below, err := filepath.Rel(dir, file)
		if err != nil || !keep(below) {
			return err
		}
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return err
		}
		return a.File(file, path.Join(name, filepath.ToSlash(below)))
	})
}

// Shell adds busybox, and links to it under the names of the commands that a
// build uses.
func (a *Archive) Shell(busybox string) error {
	if err := a.File(busybox, "bin/busybox"); err != nil {
		return err
	}
	for _, name := range []string{"sh", "cat", "chmod", "cp", "echo", "env", "ls", "mkdir", "mktemp", "mv", "printf", "rm", "sed", "touch", "wc"} {
		if err := a.Link("bin/"+name, "busybox"); err != nil {
			return err
		}
	}
	return nil
}

// Link adds a symbolic link.
func (a *Archive) Link(name, target string) error {
	return a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777})
}
