package acceptance

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a script waits for what comes soon, on a machine that has
// much else to do.
const patience = 3 * time.Minute

// await is the script command `await FILE`: it waits until a command in the
// background has written the file.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	path := ts.MkAbs(args[0])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(path); err == nil {
			return
		} else if !errors.Is(err, fs.ErrNotExist) {
			ts.Check(err)
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("%s is not there: %v", args[0], ctx.Err())
		case <-tick.C:
		}
	}
}

// source is the script command `source FILE`: it sets the variables of a file of
// lines export NAME='value', as a shell would.
func source(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: source FILE")
	}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "export "), "=")
		if !ok || !strings.HasPrefix(line, "export ") || len(value) < 2 || value[0] != '\'' || value[len(value)-1] != '\'' {
			ts.Fatalf("got the line %q, want export NAME='value'", line)
		}
		ts.Setenv(name, value[1:len(value)-1])
	}
}

// signals are those that end a program cleanly.
var signals = map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}

// end is the script command `end SIGNAL`: it sends INT or TERM to the commands
// in the background; `wait` then sees how they end.
func end(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || signals[args[0]] == nil {
		ts.Fatalf("usage: end INT|TERM")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(signals[args[0]]))
	}
}
