// Command meter runs a command and prints what it took, as JSON on the last
// line of its standard output; the command's own output is thrown away.
//
// It is a program of its own, and a small one, for a child's peak memory counts
// from its parent's on Linux: until exec the two share it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Sample is what one run took; cmd bench reads it.
type sample struct {
	// Wall, User and System are in nanoseconds.
	Wall, User, System time.Duration
	// PeakKiB is the largest resident set.
	PeakKiB int64
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: meter COMMAND [ARG...]")
		os.Exit(2)
	}
	s, err := measure(os.Args[1], os.Args[2:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(name string, args []string) (sample, error) {
	cmd := exec.Command(name, args...) //nolint:noctx // the parent bounds this process as a whole
	cmd.Stderr = os.Stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", name, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, fmt.Errorf("%s: no resource usage on this system", name)
	}
	return sample{
		Wall:    wall,
		User:    cmd.ProcessState.UserTime(),
		System:  cmd.ProcessState.SystemTime(),
		PeakKiB: usage.Maxrss,
	}, nil
}
