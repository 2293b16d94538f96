package pyenv

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

//go:embed requirements.txt
var requirements []byte

// Ensure returns the path of a Python interpreter that has the pinned packages.
// The first call on a machine installs them into the user's cache directory,
// which takes about a minute; processes that come meanwhile wait for it.
func Ensure(ctx context.Context) (string, error) {
	system, err := exec.LookPath("python3")
	if err != nil {
		return "", err
	}
	dir, err := directory(ctx, system)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return "", err
	}
	unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
	if err != nil {
		return "", fmt.Errorf("lock %s: %w", dir, err)
	}
	defer unlock()
	python := filepath.Join(dir, "bin", "python")
	if _, err := os.Stat(readyMark(dir)); err == nil {
		return python, nil
	}
	return python, build(ctx, system, dir)
}

// directory names the environment after all that decides its content.
func directory(ctx context.Context, system string) (string, error) {
	version, err := exec.CommandContext(ctx, system, "-c", "import sys; print(sys.executable, sys.version)").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", system, err)
	}
	sum := sha256.Sum256(append(version, requirements...))
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "authcall-tests", "python-"+hex.EncodeToString(sum[:6])), nil
}

// build makes the environment from nothing; its last act is the mark that says
// that it is whole, so that a build that was cut short is done again.
func build(ctx context.Context, system, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := run(ctx, system, "-m", "venv", dir); err != nil {
		return err
	}
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, requirements, 0o600); err != nil {
		return err
	}
	pip := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", list}
	if err := run(ctx, filepath.Join(dir, "bin", "python"), pip...); err != nil {
		return err
	}
	return os.WriteFile(readyMark(dir), nil, 0o600)
}

func readyMark(dir string) string { return filepath.Join(dir, "ready") }

func run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	return nil
}
