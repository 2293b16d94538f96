package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// subject is a command whose runs are measured.
type subject struct {
	name string
	runs int
	argv []string
	env  []string
	// outputs is what the run writes, and is gone before it as a new task's
	// outputs are; "" where there is nothing.
	outputs string
}

// meter measures subjects with the meter program.
type meter struct {
	path string
}

// interleave runs the subjects in turns, A B A B, so that whatever else the
// machine does falls on all of them alike; one round before it warms the caches
// and is not counted.
func (m meter) interleave(ctx context.Context, subjects []subject) ([]summary, error) {
	samples := make([][]sample, len(subjects))
	rounds := 0
	for _, s := range subjects {
		rounds = max(rounds, s.runs)
	}
	for round := -1; round < rounds; round++ {
		for i, s := range subjects {
			if round >= s.runs {
				continue
			}
			one, err := m.run(ctx, s)
			if err != nil {
				return nil, err
			}
			if round >= 0 {
				samples[i] = append(samples[i], one)
			}
		}
	}
	summaries := make([]summary, 0, len(subjects))
	for i, s := range subjects {
		summaries = append(summaries, summarize(s.name, samples[i]))
	}
	return summaries, nil
}

func (m meter) run(ctx context.Context, s subject) (sample, error) {
	if err := os.RemoveAll(s.outputs); err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(ctx, m.path, s.argv...)
	cmd.Env = s.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return sample{}, fmt.Errorf("%s: %s: %w\n%s", s.name, strings.Join(s.argv, " "), err, &stderr)
	}
	var one sample
	if err := json.Unmarshal(out, &one); err != nil {
		return sample{}, fmt.Errorf("%s: read the meter: %w", s.name, err)
	}
	return one, nil
}

// basicEnv is the environment that every subject needs to start.
func basicEnv(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home}
}
