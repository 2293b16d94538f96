package leak

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/cli/authpipe"
	"github.com/authcall/authcall/internal/interrupt"
)

// TestMain lets this binary be both programs, as the local runner starts its
// steps. Each start leaves its arguments in a file, where the test looks too.
func TestMain(m *testing.M) {
	programs := map[string]func(context.Context, []string, io.Reader, io.Writer, io.Writer) int{
		"authcall": authcall.Main, "authpipe": authpipe.Main,
	}
	run, ok := programs[filepath.Base(os.Args[0])]
	if !ok {
		os.Exit(m.Run())
	}
	note := fmt.Sprintf("arguments-%d", os.Getpid())
	if err := os.WriteFile(note, []byte(strings.Join(os.Args, "\n")), 0o600); err != nil {
		panic(err)
	}
	ctx, stop := interrupt.Context(context.Background())
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
