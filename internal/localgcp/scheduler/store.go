package scheduler

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/localgcp/statefile"
)

// store keeps the jobs in a directory, a file each. A job's id may be longer than
// the name of a file, so its hash is that.
type store struct{ dir string }

const extension = ".json"

func (s store) path(name string) string {
	sum := sha256.Sum256([]byte(name))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:])+extension)
}

func (s store) save(job *schedulerpb.Job) error {
	data, err := protojson.MarshalOptions{Multiline: true}.Marshal(job)
	if err != nil {
		return err
	}
	return statefile.Replace(s.path(job.GetName()), data)
}

func (s store) remove(name string) error {
	err := os.Remove(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// all reads the jobs. What is broken is told to broken and left out.
func (s store) all(broken func(file string, err error)) ([]*schedulerpb.Job, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var jobs []*schedulerpb.Job
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != extension {
			continue
		}
		file := filepath.Join(s.dir, entry.Name())
		job, err := s.load(file)
		if err != nil {
			broken(file, err)
			continue
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

func (s store) load(file string) (*schedulerpb.Job, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	job := new(schedulerpb.Job)
	if err := protojson.Unmarshal(data, job); err != nil {
		return nil, err
	}
	if want := s.path(job.GetName()); file != want {
		return nil, fmt.Errorf("it holds the job %q, which belongs into %s", job.GetName(), want)
	}
	return job, nil
}
