package pubsub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/localgcp/pubsub/queue"
	"github.com/authcall/authcall/internal/localgcp/statefile"
)

const (
	extension = ".json"
	messages  = ".messages" // ends the directory of a subscription's messages
)

// store keeps each topic, subscription and unacknowledged message as a JSON file
// named as it is.
type store struct{ dir string }

func (s store) path(resource, ending string) string {
	return filepath.Join(s.dir, filepath.FromSlash(resource)) + ending
}

// record is how a resource is kept, with what its API does not show.
type record struct {
	Resource json.RawMessage `json:"resource"`
	Active   time.Time       `json:"active,omitzero"`
}

// save keeps a topic or a subscription.
func (s store) save(resource string, m proto.Message, with record) (err error) {
	if with.Resource, err = protojson.Marshal(m); err != nil {
		return fmt.Errorf("saving %s: %w", resource, err)
	}
	data, err := json.Marshal(with)
	if err == nil {
		err = statefile.Replace(s.path(resource, extension), data)
	}
	if err != nil {
		return fmt.Errorf("saving %s: %w", resource, err)
	}
	return nil
}

func (s store) load(resource string, into proto.Message) (kept record, err error) {
	data, err := os.ReadFile(s.path(resource, extension))
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if err == nil {
		err = protojson.Unmarshal(kept.Resource, into)
	}
	if err != nil {
		return record{}, fmt.Errorf("reading %s: %w", resource, err)
	}
	return kept, nil
}

// names lists the kept resources of a kind, in all projects.
func (s store) names(kind string) ([]string, error) {
	files, err := filepath.Glob(s.path("projects/*/"+kind+"/*", extension))
	var found []string
	for _, file := range files {
		relative, err := filepath.Rel(s.dir, file)
		if err != nil {
			return nil, err
		}
		found = append(found, strings.TrimSuffix(filepath.ToSlash(relative), extension))
	}
	return found, err
}

// remove forgets a resource and its messages.
func (s store) remove(resource string) error {
	return errors.Join(os.RemoveAll(s.path(resource, messages)), removed(s.path(resource, extension)))
}

func removed(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// keptMessage is how a message of a subscription is kept.
type keptMessage struct {
	Message   json.RawMessage `json:"message"`
	Failures  int             `json:"failures,omitempty"`
	NotBefore time.Time       `json:"notBefore,omitzero"`
	Acked     bool            `json:"acked,omitempty"`
}

func (s store) message(subscription string, id int64) string {
	return filepath.Join(s.path(subscription, messages), strconv.FormatInt(id, 10)+extension)
}

// keep brings a subscription's files in line with what has changed in its queue.
func (s store) keep(subscription string, changed []queue.Message, gone []int64) error {
	var faults []error
	for _, m := range changed {
		data, err := protojson.Marshal(m.Content)
		if err == nil {
			data, err = json.Marshal(keptMessage{data, m.Failures, m.NotBefore, m.Acked})
		}
		if err == nil {
			err = statefile.Replace(s.message(subscription, m.ID), data)
		}
		faults = append(faults, err)
	}
	for _, id := range gone {
		faults = append(faults, removed(s.message(subscription, id)))
	}
	return errors.Join(faults...)
}

// messages reads the messages of a subscription. Those that cannot be read are
// left out, and told of in the error.
func (s store) messages(subscription string) ([]queue.Message, error) {
	entries, err := os.ReadDir(s.path(subscription, messages))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	faults := []error{err}
	var all []queue.Message
	for _, entry := range entries {
		text, ok := strings.CutSuffix(entry.Name(), extension)
		id, err := strconv.ParseInt(text, 10, 64)
		if !ok || err != nil {
			continue // half written, when the last server died
		}
		m, err := s.loadMessage(subscription, id)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, m)
	}
	return all, errors.Join(faults...)
}

func (s store) loadMessage(subscription string, id int64) (queue.Message, error) {
	var kept keptMessage
	content := &pubsubpb.PubsubMessage{}
	data, err := os.ReadFile(s.message(subscription, id))
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if err == nil {
		err = protojson.Unmarshal(kept.Message, content)
	}
	if err != nil {
		return queue.Message{}, fmt.Errorf("reading message %d of %s: %w", id, subscription, err)
	}
	return queue.Message{ID: id, Content: content, Failures: kept.Failures, NotBefore: kept.NotBefore, Acked: kept.Acked}, nil
}
