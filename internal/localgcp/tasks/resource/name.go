package resource

import (
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Location is projects/PROJECT/locations/LOCATION.
type Location struct{ Project, ID string }

// Queue is the name of a queue.
type Queue struct {
	Location
	ID string
}

// Task is the name of a task.
type Task struct {
	Queue
	ID string
}

func (l Location) String() string { return "projects/" + l.Project + "/locations/" + l.ID }

func (q Queue) String() string { return q.Location.String() + "/queues/" + q.ID }

func (t Task) String() string { return t.Queue.String() + "/tasks/" + t.ID }

// Lengths of ids, in characters.
const (
	maxID     = 100
	maxTaskID = 500
)

// ParseLocation reads the name of a location.
func ParseLocation(text string) (Location, error) {
	ids, ok := split(text, "projects", "locations")
	if !ok || !isID(ids[0], "-.:", maxID) || !isID(ids[1], "-", maxID) {
		return Location{}, status.Error(codes.InvalidArgument, "Invalid resource field value in the request.")
	}
	return Location{Project: ids[0], ID: ids[1]}, nil
}

// ParseQueue reads the name of a queue.
func ParseQueue(text string) (Queue, error) {
	place, id, _ := strings.Cut(text, "/queues/")
	in, err := ParseLocation(place)
	if err != nil || !isID(id, "-", maxID) {
		return Queue{}, explained("Queue name must be formatted: \"projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>\".",
			"Definition of queue name", "projects.locations.queues#Queue.FIELDS.name")
	}
	return Queue{Location: in, ID: id}, nil
}

// ParseTask reads the name of a task.
func ParseTask(text string) (Task, error) {
	place, id, found := strings.Cut(text, "/tasks/")
	in, err := ParseQueue(place)
	if err != nil || !found {
		return Task{}, status.Error(codes.InvalidArgument,
			"Task name must be formatted: \"projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>/tasks/<TASK_ID>\"")
	}
	if !isID(id, "-_", maxTaskID) {
		return Task{}, explained(fmt.Sprintf("Task ID %q can contain only letters ([A-Za-z]), numbers ([0-9]), hyphens (-), or underscores (_). "+
			"Task ID must between 1 and 500 characters.", id),
			"Definition of task ID", "projects.locations.queues.tasks#Task.FIELDS.name")
	}
	return Task{Queue: in, ID: id}, nil
}

// split takes the ids out of collection/id/collection/id.
func split(text string, collections ...string) (ids []string, ok bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 2*len(collections) {
		return nil, false
	}
	for i, c := range collections {
		if parts[2*i] != c {
			return nil, false
		}
		ids = append(ids, parts[2*i+1])
	}
	return ids, true
}

// isID says whether the text is of letters, digits and the other characters.
func isID(text, others string, longest int) bool {
	if text == "" || len(text) > longest {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	}) < 0
}

// explained is an invalid argument with a link into the API's reference.
func explained(message, description, anchor string) error {
	plain := status.New(codes.InvalidArgument, message)
	detailed, err := plain.WithDetails(&errdetails.Help{Links: []*errdetails.Help_Link{
		{Description: description, Url: "https://cloud.google.com/tasks/docs/reference/rest/v2/" + anchor},
	}})
	if err != nil { // only for the code OK
		return plain.Err()
	}
	return detailed.Err()
}
