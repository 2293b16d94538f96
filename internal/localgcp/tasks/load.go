package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// kept is a queue as it was left.
type kept struct {
	name resource.Queue
	// config is nil where the queue was deleted, at that time.
	config  *cloudtaskspb.Queue
	deleted time.Time
	tasks   []*record
}

// load reads all queues and their tasks.
func (s store) load() ([]kept, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "*", "queue.json"))
	if err != nil {
		return nil, err
	}
	var all []kept
	for _, file := range files {
		k, err := s.loadQueue(file)
		if err != nil {
			return nil, fmt.Errorf("reading queue from %s: %w", file, err)
		}
		all = append(all, k)
	}
	return all, nil
}

func (s store) loadQueue(file string) (kept, error) {
	var document queueDocument
	if err := readDocument(file, &document); err != nil {
		return kept{}, err
	}
	name, err := resource.ParseQueue(document.Name)
	if err != nil {
		return kept{}, err
	}
	k := kept{name: name, deleted: document.Deleted}
	if document.Queue == nil {
		return k, nil
	}
	k.config = &cloudtaskspb.Queue{}
	if err := protojson.Unmarshal(document.Queue, k.config); err != nil {
		return kept{}, err
	}
	k.tasks, err = s.loadTasks(name)
	return k, err
}

func (s store) loadTasks(name resource.Queue) ([]*record, error) {
	entries, err := os.ReadDir(s.taskDir(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []*record
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" { // half written when a server died
			continue
		}
		r, err := loadTask(filepath.Join(s.taskDir(name), e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading task from %s: %w", e.Name(), err)
		}
		all = append(all, r)
	}
	return all, nil
}

func loadTask(file string) (*record, error) {
	var document taskDocument
	if err := readDocument(file, &document); err != nil {
		return nil, err
	}
	name, err := resource.ParseTask(document.Name)
	if err != nil {
		return nil, err
	}
	r := &record{name: name, executions: document.Executions, previous: document.Previous, ended: document.Ended}
	if document.Task == nil {
		return r, nil
	}
	r.task = &cloudtaskspb.Task{}
	return r, protojson.Unmarshal(document.Task, r.task)
}

func readDocument(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}
