package authpipe

import (
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/fatih/color"
)

// progress prints a line for each change of a task.
type progress struct {
	out   io.Writer
	paint *painter
	seen  map[int64]aiplatformpb.PipelineTaskDetail_State
}

func newProgress(f *factory) *progress {
	return &progress{out: f.stderr, paint: &painter{f.color}, seen: map[int64]aiplatformpb.PipelineTaskDetail_State{}}
}

// show prints what has changed since the last time.
func (p *progress) show(job *aiplatformpb.PipelineJob) {
	for _, task := range steps(job) {
		id, state := task.GetTaskId(), task.GetState()
		if p.seen[id] == state || state == aiplatformpb.PipelineTaskDetail_PENDING {
			continue
		}
		p.seen[id] = state
		_, _ = fmt.Fprintf(p.out, "  %-20s %s%s\n", taskPath(job, task), p.paint.state(state), took(task)) // nowhere to tell of a broken stderr
	}
}

// steps are the tasks of a run without the outermost one, which is the run
// itself under the run's id.
func steps(job *aiplatformpb.PipelineJob) []*aiplatformpb.PipelineTaskDetail {
	var tasks []*aiplatformpb.PipelineTaskDetail
	for _, t := range job.GetJobDetail().GetTaskDetails() {
		if t.GetTaskName() != path.Base(job.GetName()) {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// taskPath names a task with the tasks around it, as in condition-1/call.
func taskPath(job *aiplatformpb.PipelineJob, task *aiplatformpb.PipelineTaskDetail) string {
	byID := map[int64]*aiplatformpb.PipelineTaskDetail{}
	for _, t := range steps(job) {
		byID[t.GetTaskId()] = t
	}
	name := task.GetTaskName()
	for range byID { // no deeper than there are tasks
		outer, ok := byID[task.GetParentTaskId()]
		if !ok {
			break
		}
		name, task = outer.GetTaskName()+"/"+name, outer
	}
	return name
}

// took is how long an ended task took.
func took(task *aiplatformpb.PipelineTaskDetail) string {
	start, end := task.GetStartTime(), task.GetEndTime()
	if start == nil || end == nil {
		return ""
	}
	return fmt.Sprintf(" in %v", end.AsTime().Sub(start.AsTime()).Round(time.Millisecond))
}

// painter colours text, where colours are wanted.
type painter struct{ on bool }

func (p *painter) state(state aiplatformpb.PipelineTaskDetail_State) string {
	word := strings.ToLower(strings.ReplaceAll(state.String(), "_", " "))
	switch state {
	case aiplatformpb.PipelineTaskDetail_SUCCEEDED:
		return p.good(word)
	case aiplatformpb.PipelineTaskDetail_FAILED, aiplatformpb.PipelineTaskDetail_CANCELLED:
		return p.bad(word)
	default:
		return word
	}
}

func (p *painter) good(text string) string { return p.with(color.FgGreen, text) }
func (p *painter) bad(text string) string  { return p.with(color.FgRed, text) }

func (p *painter) with(attribute color.Attribute, text string) string {
	c := color.New(attribute)
	if p.on {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(text)
}
