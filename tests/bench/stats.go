package main

import (
	"slices"
	"time"
)

// sample is what one run took, as the meter prints it.
type sample struct {
	Wall, User, System time.Duration
	PeakKiB            int64
}

// summary is many samples of one subject.
type summary struct {
	name string
	runs int
	wall time.Duration // median
	cpu  time.Duration // mean of user and system together
	peak int64         // KiB, the largest
}

func summarize(name string, samples []sample) summary {
	s := summary{name: name, runs: len(samples)}
	walls := make([]time.Duration, 0, len(samples))
	for _, one := range samples {
		walls = append(walls, one.Wall)
		s.cpu += one.User + one.System
		s.peak = max(s.peak, one.PeakKiB)
	}
	s.wall = median(walls)
	s.cpu /= time.Duration(max(1, len(samples)))
	return s
}

// median of an even number of values is the mean of the two in the middle.
func median(values []time.Duration) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
