package image

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/authcall/authcall/tests/internal/engine"
)

// packages are what the Dockerfiles of the tree build.
var packages = []string{"./cmd/authcall", "./internal/tools/sbom", "./examples/go-step"}

// receiver is built for one architecture alone, for it is large.
const receiver = "./cmd/authpipe"

// makeBase copies the tree, builds it once out here, which fills a build cache,
// and makes the image that stands in for golang's of that cache. Docker's own
// cache mounts would start from nothing with each new engine.
func makeBase(ctx context.Context, e *engine.Engine) (err error) {
	if ours.source, err = os.MkdirTemp("", "source-"); err != nil {
		return err
	}
	if err := copyTree(ctx, ours.source); err != nil {
		return err
	}
	cache, err := buildCache()
	if err != nil {
		return err
	}
	withReceiver := append(slices.Clone(packages), receiver)
	for _, arch := range []string{"amd64", "arm64"} {
		build := packages
		if arch == runtime.GOARCH {
			build = withReceiver
		}
		if err := buildOutside(ctx, arch, filepath.Join(ours.source, ".bin", arch), build); err != nil {
			return err
		}
	}
	base := engine.Golang{Tag: goBase, Module: ours.source, Packages: withReceiver, Cache: cache}
	return base.Make(ctx, e)
}

// copyTree copies what git knows or would take in.
func copyTree(ctx context.Context, to string) error {
	const tree = "../.."
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = tree
	listed, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("list the tree: %w", err)
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(tree, name))
		if os.IsNotExist(err) {
			continue // removed, but not from git yet
		}
		if err != nil {
			return err
		}
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// buildCache is a build cache of Go that is kept from run to run. It is not the
// user's own, which is large.
func buildCache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "authcall-tests", "image-build"), nil
}

// buildOutside builds what the Dockerfile builds, with the same flags, into a
// folder of this machine.
func buildOutside(ctx context.Context, arch, dir string, packages []string) error {
	cache, err := buildCache()
	if err != nil {
		return err
	}
	const version = "github.com/authcall/authcall/internal/version"
	args := []string{
		"build", "-tags", "grpcnotrace", "-ldflags", "-s -w -X " + version + ".release=" + release + " -X " + version + ".commit=" + commit,
		"-o", dir + string(filepath.Separator),
	}
	cmd := exec.CommandContext(ctx, "go", append(args, packages...)...)
	cmd.Dir = ours.source
	cmd.Env = append(os.Environ(), "GOCACHE="+cache, "GOFLAGS=-trimpath -buildvcs=false", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build for %s: %w\n%s", arch, err, &said)
	}
	return nil
}

// build builds the Dockerfile at the top of the tree, without a network.
func build(e *engine.Engine, args ...string) error {
	args = append([]string{
		"build", "--quiet", "--network", "none", "--build-arg", "BASE=" + goBase, "--build-arg", "RELEASE=" + release,
		"--build-arg", "COMMIT=" + commit, "--build-arg", "SOURCE_DATE_EPOCH=" + epoch,
	}, args...)
	_, err := e.Docker(context.Background(), append(args, ours.source)...)
	return err
}
