package engine

import (
	"context"
	"debug/elf"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed python_files.py
var pythonFiles string

// Python is an image with a Python of this machine and packages that it has.
type Python struct {
	// Tag names the image.
	Tag string
	// Interpreter is the Python that has the packages.
	Interpreter string
	// Modules are what is to be imported there.
	Modules []string
}

// pythonParts is what python_files.py tells.
type pythonParts struct {
	Executable, Stdlib, Site string
	Packages, Libraries      []string
}

// Make imports the image into the engine.
func (p Python) Make(ctx context.Context, e *Engine) error {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	return e.Import(ctx, p.Tag, []string{"ENV PATH=/usr/local/bin:/bin", "ENV PYTHONPATH=/site", "ENV PYTHONDONTWRITEBYTECODE=1"}, func(a *Archive) error {
		return errors.Join(a.Shell(busybox), p.Put(ctx, a), a.Folder("tmp", 0o1777))
	})
}

// Put adds the interpreter and the packages to an archive.
func (p Python) Put(ctx context.Context, a *Archive) error {
	parts, err := p.parts(ctx)
	if err != nil {
		return err
	}
	return parts.put(a)
}

func (p Python) parts(ctx context.Context) (pythonParts, error) {
	var parts pythonParts
	out, err := exec.CommandContext(ctx, p.Interpreter, append([]string{"-c", pythonFiles}, p.Modules...)...).Output()
	if err == nil {
		err = json.Unmarshal(out, &parts)
	}
	if err != nil {
		return parts, fmt.Errorf("ask %s for its files: %w", p.Interpreter, err)
	}
	return parts, nil
}

// put adds the interpreter with its libraries, its standard library where it
// looks for it, and the packages.
func (p pythonParts) put(a *Archive) error {
	loader, err := interpreterOf(p.Executable)
	if err != nil {
		return err
	}
	errs := []error{
		a.File(p.Executable, strings.TrimPrefix(p.Executable, "/")),
		a.Link("usr/local/bin/python3", p.Executable),
		a.File(loader, strings.TrimPrefix(loader, "/")),
	}
	for _, file := range p.Libraries {
		errs = append(errs, a.File(file, "lib/"+filepath.Base(file)))
	}
	stdlib := a.Dir(p.Stdlib, strings.TrimPrefix(p.Stdlib, "/"), func(path string) bool {
		top, _, _ := strings.Cut(path, "/")
		left := []string{"site-packages", "dist-packages", "test", "idlelib", "tkinter", "ensurepip", "lib2to3"}
		return !slices.Contains(left, top) && filepath.Ext(path) != ".pyc" && filepath.Ext(path) != ".a"
	})
	packages := a.Dir(p.Site, "site", func(path string) bool {
		top, _, _ := strings.Cut(path, "/")
		return slices.Contains(p.Packages, top) && filepath.Ext(path) != ".pyc"
	})
	return errors.Join(append(errs, stdlib, packages)...)
}

// interpreterOf is the dynamic loader that a program asks for.
func interpreterOf(program string) (string, error) {
	file, err := elf.Open(program)
	if err != nil {
		return "", err
	}
	section := file.Section(".interp")
	if section == nil {
		return "", errors.Join(errors.New(program+" has no dynamic loader"), file.Close())
	}
	data, err := section.Data()
	return strings.TrimRight(string(data), "\x00"), errors.Join(err, file.Close())
}
