package authpipe

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/printable"
	"github.com/authcall/authcall/internal/vertex"
)

// maxAnswer is how much of an answer the summary shows, in characters.
const maxAnswer = 200

// summarize tells people how a run ended and what its calls did.
func (w *watcher) summarize(job *aiplatformpb.PipelineJob) {
	word := vertex.StateWord(job.GetState())
	if vertex.Outcome(job) == nil {
		word = w.progress.paint.good(word)
	} else {
		word = w.progress.paint.bad(word)
	}
	w.say("%s %s%s", path.Base(job.GetName()), word, lasted(job))
	for _, task := range steps(job) {
		for _, name := range slices.Sorted(maps.Keys(task.GetOutputs())) {
			for _, artifact := range task.GetOutputs()[name].GetArtifacts() {
				w.showCall(task, artifact)
			}
		}
	}
	for _, task := range vertex.FailedTasks(job) {
		w.row("log", w.whereLog(job, task))
	}
}

func lasted(job *aiplatformpb.PipelineJob) string {
	start, end := job.GetCreateTime(), job.GetEndTime()
	if start == nil || end == nil {
		return ""
	}
	return fmt.Sprintf(" in %v", end.AsTime().Sub(start.AsTime()).Round(time.Millisecond))
}

// showCall tells of one call by the artifact that it left: the metadata of any
// other artifact has no URL.
func (w *watcher) showCall(task *aiplatformpb.PipelineTaskDetail, artifact *aiplatformpb.Artifact) {
	metadata := artifact.GetMetadata().AsMap()
	if metadata["url"] == nil || metadata["status_code"] == nil {
		return
	}
	w.row("called", metadata["url"])
	w.row("status", metadata["status_code"])
	w.row("identity", identity(metadata))
	w.row("answer", shorten(task.GetExecution().GetMetadata().GetFields()["output:"+component.OutputResponseText].GetStringValue()))
	w.row("response", w.place(artifact.GetUri()))
}

func (w *watcher) row(name string, value any) {
	if value != nil && value != "" {
		w.say("  %-10s %v", name, value)
	}
}

// identity says who called as whom.
func identity(metadata map[string]any) string {
	who, _ := metadata["principal"].(string)
	whom, _ := metadata["called_as"].(string)
	switch {
	case whom == "" || who == whom:
		return who
	case who == "":
		return "as " + whom
	default:
		return who + " as " + whom
	}
}

// shorten gives the start of a text on one line.
func shorten(text string) string {
	text = printable.Line(text)
	if runes := []rune(text); len(runes) > maxAnswer {
		return string(runes[:maxAnswer]) + " …"
	}
	return text
}

// place is where an artifact lies: a file here, or its URI.
func (w *watcher) place(uri string) string {
	if w.venue.local != nil {
		if file := w.venue.local.LocalPath(uri); file != "" {
			return file
		}
	}
	return uri
}

// runFailure is a run that did not succeed, told by the tasks that failed.
type runFailure struct {
	text string
	run  error
}

func (e *runFailure) Error() string { return e.text }
func (e *runFailure) Unwrap() error { return e.run }

// outcome is the error that a run's end is: nil for success alone.
func (w *watcher) outcome(job *aiplatformpb.PipelineJob) error {
	err := vertex.Outcome(job)
	failed := vertex.FailedTasks(job)
	if err == nil || len(failed) == 0 {
		return err
	}
	text := fmt.Sprintf("run %s %s", path.Base(job.GetName()), vertex.StateWord(job.GetState()))
	for _, task := range failed {
		text += ": task " + taskPath(job, task)
		if message := task.GetError().GetMessage(); message != "" {
			text += ": " + message
		}
	}
	return &runFailure{text: text, run: err}
}
