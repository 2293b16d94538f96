package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Engine is a running Docker engine.
type Engine struct {
	// Host is its address for DOCKER_HOST, empty for the one that the docker
	// command finds by itself.
	Host string

	docker  string
	dir     string
	keeper  *exec.Cmd
	leash   io.Closer
	stopped chan struct{}
}

// Start finds an engine that answers, or else starts Debian's dockerd with data
// and socket in a directory of its own. Close ends what was started.
func Start(ctx context.Context) (*Engine, error) {
	docker, err := client(ctx)
	if err != nil {
		return nil, err
	}
	found := &Engine{docker: docker}
	if _, err := found.Docker(ctx, "version"); err == nil {
		return found, nil
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "engine-")
	if err != nil {
		return nil, err
	}
	e := &Engine{docker: docker, Host: "unix://" + filepath.Join(dir, "s"), dir: dir, stopped: make(chan struct{})}
	if err := e.launch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := e.await(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// keep runs the daemon until its stdin ends, which is when the test process does
// so, however that comes about; then it clears what the daemon leaves mounted.
const keep = `exec 3<&0
dockerd --host "unix://$1/s" --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" \
	--bridge none --iptables=false --ip6tables=false --ip-forward=false </dev/null >"$1/log" 2>&1 &
daemon=$!
(cat <&3 >/dev/null; kill $daemon) &
wait $daemon; code=$?
kill $! 2>/dev/null
umount "$1/exec/netns/default" 2>/dev/null
exit $code`

func (e *Engine) launch() error {
	e.keeper = exec.Command("sh", "-c", keep, "keep", e.dir) //nolint:noctx // it outlives the context that starts it
	// Ctrl-C is for the test, whose end ends the daemon in good order.
	e.keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	leash, err := e.keeper.StdinPipe()
	if err != nil {
		return err
	}
	e.leash = leash
	if err := e.keeper.Start(); err != nil {
		return err
	}
	go func() {
		_ = e.keeper.Wait() // its end is what counts
		close(e.stopped)
	}()
	return nil
}

// await returns once the engine answers, or tells why it does not.
func (e *Engine) await(ctx context.Context) error {
	const most = 3 * time.Minute // a machine that starts it for the first time may be busy with much else
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		_, err := e.Docker(ctx, "version")
		if err == nil {
			return nil
		}
		select {
		case <-e.stopped:
			return fmt.Errorf("dockerd ended: %s", e.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("dockerd does not answer: %w: %s", err, e.lastWords())
		case <-again.C:
		}
	}
}

// lastWords is the last line of the daemon's log.
func (e *Engine) lastWords() string {
	log, err := os.ReadFile(filepath.Join(e.dir, "log"))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return lines[len(lines)-1]
}

// Close ends the engine if it was started here, and removes all it held.
func (e *Engine) Close() error {
	if e.leash == nil {
		return nil
	}
	err := e.leash.Close()
	<-e.stopped
	return errors.Join(err, os.RemoveAll(e.dir))
}

// Env points docker and its libraries at the engine.
func (e *Engine) Env() []string {
	if e.Host == "" {
		return nil
	}
	return []string{"DOCKER_HOST=" + e.Host}
}

// Docker runs a docker command and returns what it prints on stdout.
func (e *Engine) Docker(ctx context.Context, args ...string) (string, error) {
	return e.Pipe(ctx, nil, args...)
}

// Pipe is Docker with a stdin.
func (e *Engine) Pipe(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, e.docker, args...)
	cmd.Env = append(append(os.Environ(), "DOCKER_BUILDKIT=1"), e.Env()...)
	cmd.Stdin = stdin
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), &CommandError{Args: args, Stderr: stderr.String(), Err: err}
	}
	return stdout.String(), nil
}

// CommandError is a docker command that failed.
type CommandError struct {
	Args   []string
	Stderr string
	Err    error
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("docker %s: %v\n%s", strings.Join(e.Args, " "), e.Err, e.Stderr)
}

func (e *CommandError) Unwrap() error { return e.Err }
