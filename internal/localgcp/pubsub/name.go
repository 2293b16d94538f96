package pubsub

import (
	"regexp"
	"strings"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kinds of resource, as names spell them.
const (
	topics        = "topics"
	subscriptions = "subscriptions"
)

// deletedTopic is the topic of a subscription whose own is gone.
const deletedTopic = "_deleted-topic_"

const (
	minID = 3
	maxID = 255
)

var namePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^projects/([a-z0-9][a-z0-9:.-]{0,127})/(topics|subscriptions)/([A-Za-z][A-Za-z0-9._~%+-]*)$`)
})

// name is the name of a topic or a subscription.
type name struct{ project, kind, id string }

func (n name) String() string { return n.parent() + "/" + n.kind + "/" + n.id }

// parent is the project as a resource.
func (n name) parent() string { return "projects/" + n.project }

// parseName reads a name of the kind.
func parseName(kind, text string) (name, error) {
	m := namePattern().FindStringSubmatch(text)
	if m == nil || m[2] != kind || len(m[3]) < minID || len(m[3]) > maxID || strings.HasPrefix(m[3], "goog") {
		return name{}, status.Errorf(codes.InvalidArgument,
			"Invalid [%s] name: (name=%s), want projects/PROJECT/%s/ID with an ID of %d to %d letters, digits and -._~%%+ that starts with a letter, and not with goog",
			kind, text, kind, minID, maxID)
	}
	return name{m[1], m[2], m[3]}, nil
}

// parseProject reads the name of a project.
func parseProject(text string) error {
	project, ok := strings.CutPrefix(text, "projects/")
	if !ok || project == "" || strings.Contains(project, "/") {
		return invalidf("Invalid [projects] name: (name=%s), want projects/PROJECT", text)
	}
	return nil
}

// belongs says whether the project owns the resource.
func belongs(resource, project string) bool { return strings.HasPrefix(resource, project+"/") }
