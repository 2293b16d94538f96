package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	summaries := []summary{
		{name: "ours", runs: 50, wall: 12 * time.Millisecond, cpu: 9 * time.Millisecond, peak: 15 * 1024},
		{name: "bare", runs: 50, wall: 10 * time.Millisecond, cpu: 6 * time.Millisecond, peak: 10 * 1024},
		{name: "Python", runs: 5, wall: 600 * time.Millisecond, cpu: 450 * time.Millisecond, peak: 60 * 1024},
	}
	var out strings.Builder
	if err := table(&out, "One step", summaries, target{over: 0, under: 1, most: 1.5}, target{over: 2, under: 0, least: 20}); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"",
		"One step        wall ms    CPU ms  peak MiB   runs",
		"ours               12.0       9.0      15.0     50",
		"bare               10.0       6.0      10.0     50",
		"Python            600.0     450.0      60.0      5",
		"ours / bare        1.20      1.50      1.50        want at most 1.5",
		"Python / ours     50.00     50.00      4.00        want at least 20",
		"",
	}, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}
