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

// store keeps each job as a JSON file named as the job is. Several servers may
// share one.
type store struct{ dir string }

const (
	jobExtension  = ".json"
	lockExtension = ".lock"
)

func (s store) file(name, extension string) string {
	return filepath.Join(s.dir, filepath.FromSlash(name)) + extension
}

// save replaces the job's file at once: a reader sees the old one or the new
// one, and so does the next server if this one dies.
func (s store) save(job *aiplatformpb.PipelineJob) error {
	data, err := protojson.Marshal(job)
	if err == nil {
		err = statefile.Replace(s.file(job.GetName(), jobExtension), data)
	}
	if err != nil {
		return fmt.Errorf("saving job %s: %w", job.GetName(), err)
	}
	return nil
}

// has says whether there is a job of the name, in whatever shape.
func (s store) has(name string) bool {
	_, err := os.Lstat(s.file(name, jobExtension))
	return !errors.Is(err, fs.ErrNotExist)
}

// load reads a job; fs.ErrNotExist means that there is none.
func (s store) load(name string) (*aiplatformpb.PipelineJob, error) {
	file := s.file(name, jobExtension)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	job := new(aiplatformpb.PipelineJob)
	if err := protojson.Unmarshal(data, job); err != nil {
		return nil, fmt.Errorf("reading job from %s: %w", file, err)
	}
	if job.GetName() != name {
		return nil, fmt.Errorf("reading job from %s: it calls itself %q", file, job.GetName())
	}
	return job, nil
}

// names lists the jobs of a location.
func (s store) names(in parent) ([]string, error) {
	entries, err := os.ReadDir(s.file(in.name(""), ""))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), jobExtension); ok {
			names = append(names, in.name(id))
		}
	}
	return names, err
}

func (s store) remove(name string) error {
	if err := os.Remove(s.file(name, jobExtension)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing job %s: %w", name, err)
	}
	return nil
}
