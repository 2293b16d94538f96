package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// target is what a ratio is held to; it is printed, not enforced, for a busy
// machine says nothing about a program.
type target struct {
	// over and under index the summaries whose ratio is taken.
	over, under int
	// most and least bound the ratio; 0 means that there is no such bound.
	most, least float64
}

func (t target) String() string {
	if t.most > 0 {
		return fmt.Sprintf("want at most %g", t.most)
	}
	return fmt.Sprintf("want at least %g", t.least)
}

// table prints the summaries and the ratios that the targets ask for.
func table(w io.Writer, title string, summaries []summary, targets ...target) error {
	width := len(title)
	for _, s := range summaries {
		width = max(width, len(s.name))
	}
	for _, t := range targets {
		width = max(width, len(t.name(summaries)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-*s %9s %9s %9s %6s\n", width, title, "wall ms", "CPU ms", "peak MiB", "runs")
	for _, s := range summaries {
		fmt.Fprintf(&b, "%-*s %9.1f %9.1f %9.1f %6d\n", width, s.name, milliseconds(s.wall), milliseconds(s.cpu), mebibytes(s.peak), s.runs)
	}
	for _, t := range targets {
		over, under := summaries[t.over], summaries[t.under]
		fmt.Fprintf(&b, "%-*s %9.2f %9.2f %9.2f        %s\n", width, t.name(summaries),
			ratio(over.wall, under.wall), ratio(over.cpu, under.cpu), ratio(over.peak, under.peak), t)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t target) name(summaries []summary) string {
	return summaries[t.over].name + " / " + summaries[t.under].name
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func mebibytes(kib int64) float64 { return float64(kib) / 1024 }

func ratio[T time.Duration | int64](over, under T) float64 {
	if under == 0 {
		return 0
	}
	return float64(over) / float64(under)
}
