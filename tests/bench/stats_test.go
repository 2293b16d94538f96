package main

import (
	"testing"
	"time"
)

func TestSummarize(t *testing.T) {
	t.Parallel()
	got := summarize("x", []sample{
		{Wall: 9, User: 1, System: 1, PeakKiB: 10},
		{Wall: 1, User: 2, System: 2, PeakKiB: 30},
		{Wall: 3, User: 3, System: 6, PeakKiB: 20},
	})
	want := summary{name: "x", runs: 3, wall: 3, cpu: 5, peak: 30}
	if got != want {
		t.Errorf("summarize = %+v, want %+v", got, want)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []time.Duration
		want   time.Duration
	}{
		{"none", nil, 0},
		{"one", []time.Duration{7}, 7},
		{"odd", []time.Duration{9, 1, 5}, 5},
		{"even", []time.Duration{10, 1, 2, 4}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := median(tt.values); got != tt.want {
				t.Errorf("median(%v) = %v, want %v", tt.values, got, tt.want)
			}
		})
	}
}
