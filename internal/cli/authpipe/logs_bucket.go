package authpipe

import (
	"context"
	"errors"
	"io"
	"net/http"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"

	"github.com/authcall/authcall/internal/cli/authpipe/remote"
)

// hasBuckets says whether the runs are those of a local Google in another
// process, whose buckets can be read.
func (w *watcher) hasBuckets() bool {
	return w.venue.local == nil && w.venue.endpoint != "" && w.defaults.StorageEmulator != ""
}

// bucketLogs are what the tasks printed, read from the run's bucket.
func (w *watcher) bucketLogs(ctx context.Context, job *aiplatformpb.PipelineJob, tasks []*aiplatformpb.PipelineTaskDetail) ([]taskLog, error) {
	reader := remote.Reader{HTTP: w.http, Emulator: w.defaults.StorageEmulator}
	logs := []taskLog{}
	for _, task := range tasks {
		uri := logURI(job, task)
		location, err := remote.Parse(uri)
		if err != nil {
			return nil, err
		}
		data, err := reader.Read(ctx, location)
		if missing, ok := errors.AsType[*remote.Error](err); ok && missing.Status == http.StatusNotFound {
			continue
		}
		if err != nil {
			return nil, withCure(err, w.cureFetch(&remote.Error{Location: location}, ""))
		}
		logs = append(logs, taskLog{Task: taskPath(job, task), File: uri, Text: string(data)})
	}
	return logs, nil
}

func (w *watcher) printLog(log taskLog) error {
	w.say("%s: %s", log.Task, log.File)
	_, err := io.WriteString(w.stdout, log.Text)
	return err
}
