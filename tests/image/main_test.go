package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/cli/authpipe"
	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/tests/internal/engine"
	"github.com/authcall/authcall/tests/internal/need"
)

// TestMain lets this very binary be both programs, found in the PATH under their
// names.
func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){
		"authcall": program(authcall.Main),
		"authpipe": program(authpipe.Main),
	})
}

// program is what cmd's main packages do.
func program(main func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int) func() {
	return func() {
		ctx, stop := interrupt.Context(context.Background())
		code := main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
}

// tidy ends the engine after the last test.
type tidy struct{ m *testing.M }

func (t tidy) Run() int {
	code := t.m.Run()
	if err := ours.close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// ours is the one engine of all tests, with what they all use built in it.
var ours shared

type shared struct {
	start  sync.Once
	engine *engine.Engine
	err    error

	base, image       sync.Once
	baseErr, imageErr error
	// source is a copy of the tree, which stays as it is whatever happens to the
	// tree meanwhile.
	source string
}

// Names of the images.
const (
	goBase = "authcall-test/golang"
	built  = "authcall-test/authcall"

	receiverImage = "authcall-test/authpipe"
)

// release and epoch are stamped into the images.
const (
	release = "v0.0.1-test"
	commit  = "0123456789abcdef0123456789abcdef01234567"
	epoch   = "1700000000"
)

func (s *shared) close() error {
	if s.engine == nil {
		return nil
	}
	if s.engine.Host == "" {
		// An engine of somebody else's keeps nothing of ours; some images may not
		// have been made.
		_, _ = s.engine.Docker(context.Background(), "image", "rm", "--force", goBase, pythonBase, goStep, built, built+":nonroot", receiverImage)
	}
	return errors.Join(s.engine.Close(), os.RemoveAll(s.source))
}

// withEngine gives the test the engine, or ends it where there can be none.
func withEngine(t *testing.T) *engine.Engine {
	t.Helper()
	need.Time(t, "starts a Docker engine")
	ours.start.Do(func() { ours.engine, ours.err = engine.Start(context.Background()) })
	if ours.err != nil {
		need.Missing(t, "docker", ours.err.Error())
	}
	return ours.engine
}

// withBase gives the test the image that stands in for golang's.
func withBase(t *testing.T) *engine.Engine {
	t.Helper()
	e := withEngine(t)
	need.Program(t, "busybox")
	ours.base.Do(func() { ours.baseErr = makeBase(context.Background(), e) })
	if ours.baseErr != nil {
		t.Fatal(ours.baseErr)
	}
	return e
}

// withImage gives the test the component's image.
func withImage(t *testing.T) *engine.Engine {
	t.Helper()
	e := withBase(t)
	ours.image.Do(func() { ours.imageErr = build(e, "--tag", built) })
	if ours.imageErr != nil {
		t.Fatal(ours.imageErr)
	}
	return e
}

// docker runs a docker command that has to succeed.
func docker(t *testing.T, e *engine.Engine, args ...string) string {
	t.Helper()
	out, err := e.Docker(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
