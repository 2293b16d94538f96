package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Golang is an image with the Go of this machine, a shell, and all that a build
// needs besides, so that it is quick and needs no network.
type Golang struct {
	// Tag names the image.
	Tag string
	// Module is the folder of the module that is built.
	Module string
	// Packages are what is built of it, as patterns of go list.
	Packages []string
	// Cache is the build cache of Go that builds in the image start with.
	Cache string
}

// Make imports the image into the engine.
func (g Golang) Make(ctx context.Context, e *Engine) error {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	root, err := g.command(ctx, "env", "GOROOT")
	if err != nil {
		return err
	}
	modules, err := g.moduleFiles(ctx)
	if err != nil {
		return err
	}
	return e.Import(ctx, g.Tag, []string{
		"ENV PATH=/usr/local/go/bin:/bin", "ENV HOME=/root", "ENV GOPATH=/go", "ENV GOTOOLCHAIN=local",
		"ENV GOCACHE=/cache", "ENV GOPROXY=file:///modules", "ENV GOSUMDB=off",
	}, func(a *Archive) error {
		return errors.Join(
			a.Shell(busybox),
			a.Dir(root, "usr/local/go", func(path string) bool {
				top, _, _ := strings.Cut(path, "/")
				return top != "test" && top != "api" && top != "doc" && !strings.Contains(path, "testdata")
			}),
			a.Dir(g.Cache, "cache", func(string) bool { return true }),
			modules(a),
			a.Folder("tmp", 0o1777),
		)
	})
}

// Import makes an image of the files that fill puts into its archive.
func (e *Engine) Import(ctx context.Context, tag string, changes []string, fill func(*Archive) error) error {
	args := []string{"import"}
	for _, change := range changes {
		args = append(args, "--change", change)
	}
	reader, writer := io.Pipe()
	go func() {
		archive := NewArchive(writer)
		err := fill(archive)
		if err == nil {
			err = archive.Close()
		}
		_ = writer.CloseWithError(err) // never fails
	}()
	_, err := e.Pipe(ctx, reader, append(args, "-", tag)...)
	return errors.Join(err, reader.Close())
}

// moduleFiles finds the modules in Go's own cache, which has the
// layout of a module proxy.
func (g Golang) moduleFiles(ctx context.Context) (func(*Archive) error, error) {
	cache, err := g.command(ctx, "env", "GOMODCACHE")
	if err != nil {
		return nil, err
	}
	modules, err := g.modules(ctx)
	if err != nil {
		return nil, err
	}
	zips, err := g.zipFiles(ctx, modules)
	if err != nil {
		return nil, err
	}
	download := filepath.Join(cache, "cache", "download")
	return func(a *Archive) error {
		return a.Dir(download, "modules", func(path string) bool {
			switch filepath.Ext(path) {
			case ".info", ".mod":
				return !strings.HasPrefix(path, "sumdb")
			case ".zip":
				return zips[filepath.Join(download, path)]
			}
			return false
		})
	}, nil
}

// modules lists the modules that a build of the packages reads: those that
// packages are in, and those around them, which might hold them as well.
func (g Golang) modules(ctx context.Context) ([]string, error) {
	deps, err := g.command(ctx, append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}, g.Packages...)...)
	if err != nil {
		return nil, err
	}
	all, err := g.command(ctx, "list", "-m", "-f", "{{.Path}}@{{.Version}}", "all")
	if err != nil {
		return nil, err
	}
	var modules []string
	for _, module := range strings.Fields(all) {
		path, version, _ := strings.Cut(module, "@")
		if version != "" && slices.ContainsFunc(strings.Fields(deps), func(dep string) bool { return strings.HasPrefix(dep+"/", path+"/") }) {
			modules = append(modules, module)
		}
	}
	return modules, nil
}

// zipFiles gets modules into Go's cache and says which files they are.
func (g Golang) zipFiles(ctx context.Context, modules []string) (map[string]bool, error) {
	out, err := g.command(ctx, append([]string{"mod", "download", "-json"}, modules...)...)
	if err != nil {
		return nil, err
	}
	zips := map[string]bool{}
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var module struct{ Zip string }
		if err := decoder.Decode(&module); errors.Is(err, io.EOF) {
			return zips, nil
		} else if err != nil {
			return nil, fmt.Errorf("read go mod download: %w", err)
		}
		zips[module.Zip] = true
	}
}

func (g Golang) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = g.Module
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out)), nil
}
