package tasks

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

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/localgcp/statefile"
	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// store keeps a directory for each queue, with a file for each task. They are named
// by hashes, for names of tasks may be longer than those of files, and some file
// systems take small letters for great ones.
type store struct{ dir string }

func hashed(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

func (s store) queueDir(q resource.Queue) string { return filepath.Join(s.dir, hashed(q.String())) }

func (s store) queueFile(q resource.Queue) string { return filepath.Join(s.queueDir(q), "queue.json") }

func (s store) taskDir(q resource.Queue) string { return filepath.Join(s.queueDir(q), "tasks") }

func (s store) taskFile(t resource.Task) string {
	return filepath.Join(s.taskDir(t.Queue), hashed(t.String())+".json")
}

// queueDocument is a queue on disk.
type queueDocument struct {
	Name string `json:"name"`
	// Queue is empty where the queue was deleted.
	Queue json.RawMessage `json:"queue,omitempty"`
	// Deleted is when it was.
	Deleted time.Time `json:"deleted,omitzero"`
}

func (s store) saveQueue(name resource.Queue, config *cloudtaskspb.Queue) error {
	data, err := protojson.Marshal(config)
	if err != nil {
		return fmt.Errorf("saving queue %s: %w", name, err)
	}
	return s.saveDocument(s.queueFile(name), queueDocument{Name: name.String(), Queue: data})
}

// removeQueue leaves the queue's name alone.
func (s store) removeQueue(name resource.Queue, now time.Time) error {
	if err := s.saveDocument(s.queueFile(name), queueDocument{Name: name.String(), Deleted: now}); err != nil {
		return err
	}
	return os.RemoveAll(s.taskDir(name))
}

// forgetQueue lets the name be used again.
func (s store) forgetQueue(name resource.Queue) error { return os.RemoveAll(s.queueDir(name)) }

// taskDocument is a task on disk.
type taskDocument struct {
	Name string `json:"name"`
	// Task is empty where the task has ended.
	Task json.RawMessage `json:"task,omitempty"`
	// Executions and Previous are those of a record.
	Executions int `json:"executions,omitempty"`
	Previous   int `json:"previous,omitempty"`
	// Ended is when the task ended.
	Ended time.Time `json:"ended,omitzero"`
}

func (s store) saveTask(r *record) error {
	data, err := protojson.Marshal(r.task)
	if err != nil {
		return fmt.Errorf("saving task %s: %w", r.name, err)
	}
	return s.saveDocument(s.taskFile(r.name), taskDocument{Name: r.name.String(), Task: data, Executions: r.executions, Previous: r.previous})
}

// endTask leaves the task's name alone.
func (s store) endTask(name resource.Task, now time.Time) error {
	return s.saveDocument(s.taskFile(name), taskDocument{Name: name.String(), Ended: now})
}

// forgetTask lets the name be used again.
func (s store) forgetTask(name resource.Task) error {
	if err := os.Remove(s.taskFile(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s store) saveDocument(path string, document any) error {
	data, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("saving %s: %w", path, err)
	}
	return statefile.Replace(path, data)
}
