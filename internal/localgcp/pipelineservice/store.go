package pipelineservice

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/localgcp/statefile"
)

// store keeps each job as a JSON file named as the job is.
type store struct{ dir string }

const extension = ".json"

func (s store) file(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(name)) + extension
}

// save replaces the job's file at once: a reader sees the old one or the new
// one, and so does the next server if this one dies.
func (s store) save(job *aiplatformpb.PipelineJob) error {
	data, err := protojson.Marshal(job)
	if err == nil {
		err = statefile.Replace(s.file(job.GetName()), data)
	}
	if err != nil {
		return fmt.Errorf("saving job %s: %w", job.GetName(), err)
	}
	return nil
}

func (s store) remove(name string) error { return os.Remove(s.file(name)) }

// load reads all jobs. A file that cannot be read is an error: a job must not
// vanish without a word.
func (s store) load() ([]*aiplatformpb.PipelineJob, error) {
	var jobs []*aiplatformpb.PipelineJob
	err := filepath.WalkDir(s.dir, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // nothing was saved yet
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, extension) {
			return err
		}
		job, err := read(file)
		if err != nil {
			return fmt.Errorf("reading job from %s: %w", file, err)
		}
		if s.file(job.GetName()) != file {
			return fmt.Errorf("reading job from %s: it calls itself %q", file, job.GetName())
		}
		jobs = append(jobs, job)
		return nil
	})
	return jobs, err
}

func read(file string) (*aiplatformpb.PipelineJob, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	job := new(aiplatformpb.PipelineJob)
	return job, protojson.Unmarshal(data, job)
}
