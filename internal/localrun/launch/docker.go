package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authcall/authcall/internal/localrun"
)

// Docker runs a step in a container, by the docker command.
type Docker struct {
	// Binary is the docker command; empty means the one on PATH.
	Binary string
	// Buckets is the directory on this machine with one directory per bucket;
	// steps see it at /gcs.
	Buckets string
	// Grace is the time between SIGTERM and SIGKILL when a step is cancelled;
	// zero means 10 seconds.
	Grace time.Duration
}

// NoEngineError says that there is no Docker engine to run an image.
type NoEngineError struct {
	Image string
	// Err is what the docker command said.
	Err error
}

func (e *NoEngineError) Error() string {
	return fmt.Sprintf("image %s needs a Docker engine, and none answers: %v", e.Image, e.Err)
}

func (e *NoEngineError) Unwrap() error { return e.Err }

// StepPath is under the mount of all buckets.
func (Docker) StepPath(_, uri, _ string) string {
	return path.Join("/gcs", strings.TrimPrefix(uri, "gs://"))
}

// Launch implements localrun.Launcher.
func (l Docker) Launch(ctx context.Context, s localrun.Step) error {
	if err := l.engine(ctx); err != nil {
		return errors.Join(ctx.Err(), &NoEngineError{Image: s.Image, Err: err})
	}
	if err := l.pull(ctx, s.Image); err != nil {
		return err
	}
	name := "authcall-" + uuid.NewString()
	err := run(ctx, exec.CommandContext(ctx, l.binary(), l.args(name, s)...), s, l.Grace)
	if ctx.Err() != nil {
		l.remove(ctx, name)
	}
	return err
}

// engine asks the engine for its version.
func (l Docker) engine(ctx context.Context) error {
	return l.ask(ctx, "version", "--format", "{{.Server.Version}}")
}

// pull gets an image that is not on this machine. Left to docker run, a failure
// would look like one of the step.
func (l Docker) pull(ctx context.Context, image string) error {
	if l.ask(ctx, "image", "inspect", image) == nil {
		return nil
	}
	if err := l.ask(ctx, "pull", "--quiet", image); err != nil {
		return fmt.Errorf("pull image %s: %w", image, err)
	}
	return nil
}

// ask runs a docker command whose output matters only where it fails.
func (l Docker) ask(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, l.binary(), args...).CombinedOutput()
	if said := bytes.TrimSpace(out); err != nil && len(said) > 0 {
		return fmt.Errorf("%w: %s", err, said)
	}
	return err
}

// args are those of docker run. The network is the host's, for the step talks to
// servers on loopback; the user is the current one, for the step writes to our
// directories.
func (l Docker) args(name string, s localrun.Step) []string {
	args := []string{
		"run", "--rm", "--name", name, "--network", "host",
		"--user", fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid()),
		"--volume", l.Buckets + ":/gcs",
		"--env", "HOME=/tmp",
	}
	for _, v := range s.Env {
		args = append(args, "--env", v)
	}
	command := s.Command
	if len(command) > 0 {
		args = append(args, "--entrypoint", command[0])
		command = command[1:]
	}
	args = append(args, s.Image)
	args = append(args, command...)
	return append(args, s.Args...)
}

// remove makes sure that a cancelled step's container is gone, for killing the
// docker command leaves it running.
func (l Docker) remove(ctx context.Context, name string) {
	const enough = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), enough)
	defer cancel()
	// It fails where the container is gone already, which is what is wanted.
	_ = l.ask(ctx, "rm", "--force", name)
}

func (l Docker) binary() string {
	if l.Binary == "" {
		return "docker"
	}
	return l.Binary
}
