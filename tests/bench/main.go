package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

// options are the flags of the benchmark.
type options struct {
	// bin holds the built programs: authcall, authpipe, bare and meter.
	bin string
	// runs and pythonRuns are how often the Go and the Python programs run.
	runs, pythonRuns int
	// bodyBytes is the length of the long bodies, bodyRuns how often each goes.
	bodyBytes int64
	bodyRuns  int
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "directory of the built programs authcall, authpipe, bare and meter")
	flag.IntVar(&o.runs, "runs", 60, "runs of each Go program")
	flag.IntVar(&o.pythonRuns, "python-runs", 10, "runs of each Python program")
	flag.Int64Var(&o.bodyBytes, "body-bytes", 5<<30, "length of the long bodies")
	flag.IntVar(&o.bodyRuns, "body-runs", 3, "runs of each long body")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "authcall-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	w, err := newWorld(ctx, o, dir)
	if err != nil {
		return err
	}
	defer w.close()
	for _, measure := range []func(context.Context) error{w.plainStep, w.tlsStep, w.compile, w.bodies, w.pull} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}
