package tasks

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strconv"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

// location reads the name of a location; a project's number stands for its id.
func (s *Server) location(text string) (resource.Location, error) {
	in, err := resource.ParseLocation(text)
	if in.Project == s.number {
		in.Project = s.project
	}
	return in, err
}

// queueName does the same for the name of a queue.
func (s *Server) queueName(text string) (resource.Queue, error) {
	name, err := resource.ParseQueue(text)
	if name.Project == s.number {
		name.Project = s.project
	}
	return name, err
}

// taskName does the same for the name of a task.
func (s *Server) taskName(text string) (resource.Task, error) {
	name, err := resource.ParseTask(text)
	if name.Project == s.number {
		name.Project = s.project
	}
	return name, err
}

// lookup finds a queue.
func (s *Server) lookup(name resource.Queue) (*queue, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.queues[name]
	return q, ok
}

// queue finds a queue for a caller who has the permission on it.
func (s *Server) queue(ctx context.Context, text, permission string) (*queue, error) {
	name, err := s.queueName(text)
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, permission, name.String()); err != nil {
		return nil, err
	}
	q, ok := s.lookup(name)
	if !ok {
		return nil, errNoQueue
	}
	return q, nil
}

// task finds the queue of a task for a caller who has the permissions on the task.
func (s *Server) task(ctx context.Context, text string, permissions ...string) (q *queue, id string, err error) {
	name, err := s.taskName(text)
	if err != nil {
		return nil, "", err
	}
	for _, p := range permissions {
		if err := s.authorize(ctx, p, name.String()); err != nil {
			return nil, "", err
		}
	}
	q, ok := s.lookup(name.Queue)
	if !ok {
		return nil, "", errNoTask
	}
	return q, name.ID, nil
}

// newID makes the id of a task that was given none.
func newID() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return strconv.FormatUint(binary.BigEndian.Uint64(random[:])>>1, 10)
}
