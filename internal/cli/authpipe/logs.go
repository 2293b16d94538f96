package authpipe

import (
	"io"
	"os"
	"path"
	"strings"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"

	"github.com/authcall/authcall/internal/vertex"
)

// taskLog is what one task printed, or one attempt at it in the cloud.
type taskLog struct {
	Task string `json:"task"`
	// File and Text are set for a local run; the file is an object where another
	// process holds the run.
	File string `json:"file,omitempty"`
	Text string `json:"text,omitempty"`
	// Job, Filter and URL are set for a run in the cloud: the name of the
	// attempt's custom job, and where Cloud Logging has what it printed.
	Job    string `json:"job,omitempty"`
	Filter string `json:"filter,omitempty"`
	URL    string `json:"url,omitempty"`
}

// showLogs shows each log to people, or all of them to machines.
func (w *watcher) showLogs(logs []taskLog, show func(taskLog) error) error {
	if w.output == jsonFormat {
		for i := range logs {
			if err := logs[i].read(); err != nil {
				return err
			}
		}
		return printJSON(w.stdout, map[string]any{"logs": logs})
	}
	switch {
	case len(logs) > 0:
	case w.venue.local == nil && w.venue.endpoint != "" && !w.hasBuckets():
		w.say("no logs: %s tells of none; those of a local Google's runs are shown with --local", w.venue.endpoint)
	default:
		w.say("no logs")
	}
	for _, log := range logs {
		if err := show(log); err != nil {
			return err
		}
	}
	return nil
}

func (l *taskLog) read() error {
	if l.File == "" || l.Text != "" {
		return nil
	}
	data, err := os.ReadFile(l.File)
	l.Text = string(data)
	return err
}

// localLogs are the files of the tasks that printed something.
func (w *watcher) localLogs(job *aiplatformpb.PipelineJob, tasks []*aiplatformpb.PipelineTaskDetail) []taskLog {
	logs := []taskLog{}
	for _, task := range tasks {
		if file := w.logFile(job, task); file != "" {
			logs = append(logs, taskLog{Task: taskPath(job, task), File: file})
		}
	}
	return logs
}

// logFile is the file with what a task printed, where that is on this machine.
func (w *watcher) logFile(job *aiplatformpb.PipelineJob, task *aiplatformpb.PipelineTaskDetail) string {
	if w.venue.local == nil {
		return ""
	}
	file := w.venue.local.LocalPath(logURI(job, task))
	if _, err := os.Stat(file); file == "" || err != nil {
		return ""
	}
	return file
}

// logURI is where a local runner keeps what a task printed.
func logURI(job *aiplatformpb.PipelineJob, task *aiplatformpb.PipelineTaskDetail) string {
	root := strings.TrimRight(job.GetRuntimeConfig().GetGcsOutputDirectory(), "/")
	return root + "/" + path.Base(job.GetName()) + "/" + taskPath(job, task) + "/executor-logs"
}

// whereLog is where to read what a task printed: a file, or the command that
// tells it. It is empty where nobody knows.
func (w *watcher) whereLog(job *aiplatformpb.PipelineJob, task *aiplatformpb.PipelineTaskDetail) string {
	if len(vertex.Attempts(task)) > 0 {
		return w.command("logs", job.GetName()) + " --task " + taskPath(job, task)
	}
	return w.logFile(job, task)
}

func (w *watcher) copyLog(log taskLog) error {
	file, err := os.Open(log.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	w.say("%s: %s", log.Task, log.File)
	_, err = io.Copy(w.stdout, file)
	return err
}

// cloudLogs are the places of the logs of all attempts at the tasks.
func (w *watcher) cloudLogs(job *aiplatformpb.PipelineJob, tasks []*aiplatformpb.PipelineTaskDetail) []taskLog {
	logs := []taskLog{}
	for _, task := range tasks {
		for _, attempt := range vertex.Attempts(task) {
			filter := vertex.LogFilter(attempt, task.GetStartTime().AsTime())
			logs = append(logs, taskLog{Task: taskPath(job, task), Job: attempt, Filter: filter, URL: vertex.LogURL(w.venue.project, filter)})
		}
	}
	return logs
}

func (w *watcher) tellLog(log taskLog) error {
	w.say("%s: in Cloud Logging", log.Task)
	w.row("see", log.URL)
	w.row("or run", "gcloud logging read "+shellQuote(log.Filter)+" --project="+w.venue.project+" --order=asc --format='value(timestamp,textPayload,jsonPayload.message)'")
	return nil
}
