package scheduler

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

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

// kept is what a file holds.
type kept struct {
	job *schedulerpb.Job
	// retryOf is the scheduled time of the execution that the job's next time is a
	// retry of; it is zero where that is by the schedule.
	retryOf time.Time
}

type keptJSON struct {
	Job     json.RawMessage `json:"job"`
	RetryOf time.Time       `json:"retryOf,omitzero"`
}

func (s store) save(k kept) error {
	job, err := protojson.Marshal(k.job)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(keptJSON{job, k.retryOf}, "", "  ")
	if err != nil {
		return err
	}
	return statefile.Replace(s.path(k.job.GetName()), data)
}

func (s store) remove(name string) error {
	err := os.Remove(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// all reads the jobs. What is broken is told to broken and left out.
func (s store) all(broken func(file string, err error)) ([]kept, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var jobs []kept
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

func (s store) load(file string) (kept, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return kept{}, err
	}
	var read keptJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return kept{}, err
	}
	k := kept{job: new(schedulerpb.Job), retryOf: read.RetryOf}
	if err := protojson.Unmarshal(read.Job, k.job); err != nil {
		return kept{}, err
	}
	if want := s.path(k.job.GetName()); file != want {
		return kept{}, fmt.Errorf("it holds the job %q, which belongs into %s", k.job.GetName(), want)
	}
	return k, nil
}
