package main

import (
	"context"
	"os"
	"path/filepath"
)

// compile measures what it takes to make a pipeline spec of a pipeline.
func (w *world) compile(ctx context.Context) error {
	component, err := repositoryFile("component.yaml")
	if err != nil {
		return err
	}
	pipeline, err := repositoryFile("tests", "bench", "python", "cloudrun_pipeline.py")
	if err != nil {
		return err
	}
	out := filepath.Join(w.dir, "pipeline.yaml")
	kfp := filepath.Join(filepath.Dir(w.python), "kfp")
	env := append(basicEnv(w.dir), "COMPONENT_YAML="+component)
	summaries, err := w.meter.interleave(ctx, []subject{
		{"authpipe compile", w.runs, []string{filepath.Join(w.bin, "authpipe"), "compile", "cloudrun", "-o", out}, env, out},
		{"kfp dsl compile", w.pythonRuns, []string{kfp, "dsl", "compile", "--py", pipeline, "--output", out}, env, out},
	})
	if err != nil {
		return err
	}
	return table(os.Stdout, "Compile the pipeline cloudrun", summaries, target{over: 1, under: 0, least: 50})
}
