package localrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// containerBody runs a container image.
type containerBody struct{ container *pipelinespec.Container }

func (b containerBody) perform(ctx context.Context, u *unit) (Values, error) {
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-ctx.Done():
		return Values{}, context.Cause(ctx)
	}
	files := u.outputFiles(b.container.Image)
	if err := files.prepare(); err != nil {
		return Values{}, err
	}
	if err := b.launch(ctx, u, files); err != nil {
		return Values{}, err
	}
	return files.read(u.component)
}

// launch runs the step once and explains its failure.
func (b containerBody) launch(ctx context.Context, u *unit, files *outputFiles) (err error) {
	step, err := b.step(u, files)
	if err != nil {
		return err
	}
	if step.WorkDir, err = os.MkdirTemp("", "step-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(step.WorkDir)) }()
	log, err := files.openLog()
	if err != nil {
		return err
	}
	last := newLastLine()
	out, errs := u.output.prefixed(u.path), u.output.prefixed(u.path)
	step.Stdout = io.MultiWriter(log, out)
	step.Stderr = io.MultiWriter(log, errs, last)
	err = errors.Join(u.Launcher.Launch(ctx, step), log.Close())
	out.flush()
	errs.flush()
	if exit, ok := errors.AsType[*ExitError](err); ok && ctx.Err() == nil {
		return files.explain(exit, last.text())
	}
	return err
}

// step fills the container's command and arguments in.
func (b containerBody) step(u *unit, files *outputFiles) (Step, error) {
	p, err := newStepPlaceholders(u, files)
	if err != nil {
		return Step{}, err
	}
	command, err := p.replace(b.container.Command)
	if err != nil {
		return Step{}, fmt.Errorf("command: %w", err)
	}
	args, err := p.replace(b.container.Args)
	if err != nil {
		return Step{}, fmt.Errorf("args: %w", err)
	}
	env := slices.Clone(u.job.Env)
	for _, v := range b.container.Env {
		env = append(env, v.Name+"="+v.Value)
	}
	if u.retries {
		env = append(env, "KFP_RETRY_INDEX="+strconv.Itoa(u.attempt))
	}
	return Step{Image: b.container.Image, Command: command, Args: args, Env: env}, nil
}

// logName is the file beside a task's outputs that has what its steps printed.
const logName = "executor-logs"

func (f *outputFiles) openLog() (*os.File, error) {
	return os.OpenFile(filepath.Join(f.dir, logName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}
