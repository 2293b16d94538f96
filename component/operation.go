package component

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/authcall/authcall/internal/executor"
)

// operation remembers, over the tries of one task, the operation that a call
// has begun.
type operation interface {
	load(target *url.URL) (*url.URL, error)
	save(place *url.URL) error
	clear() error
}

// noOperation remembers nothing: a call from a terminal has one try.
type noOperation struct{}

func (noOperation) load(*url.URL) (*url.URL, error) { return nil, nil }
func (noOperation) save(*url.URL) error             { return nil }
func (noOperation) clear() error                    { return nil }

// operationFile remembers the operation in a file beside the response, which
// runtimes keep for another try of the task.
type operationFile string

type operationRecord struct {
	URL string `json:"url"`
}

// load returns nil where no operation was begun. A record that leads to
// another origin than the call is not followed.
func (f operationFile) load(target *url.URL) (*url.URL, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var record operationRecord
	if err == nil {
		err = json.Unmarshal(data, &record)
	}
	if err != nil {
		return nil, fmt.Errorf("read the operation that an earlier try began: %w", err)
	}
	return sameOrigin(target, record.URL)
}

func (f operationFile) save(place *url.URL) error {
	data, err := json.Marshal(operationRecord{URL: place.String()})
	if err != nil {
		return err
	}
	return executor.WriteFile(string(f), data)
}

func (f operationFile) clear() error {
	if err := os.Remove(string(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
