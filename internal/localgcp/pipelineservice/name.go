package pipelineservice

import (
	"crypto/rand"
	"encoding/binary"
	"regexp"
	"strconv"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var (
	parentPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^projects/([a-z0-9][-a-z0-9.:]*)/locations/([a-z0-9][-a-z0-9]*)$`)
	})
	namePattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^projects/([a-z0-9][-a-z0-9.:]*)/locations/([a-z0-9][-a-z0-9]*)/pipelineJobs/([^/]+)$`)
	})
	idPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][-a-z0-9]*$`) })
)

// maxID is how long the id of a job may be, in characters.
const maxID = 128

// parent is projects/PROJECT/locations/LOCATION.
type parent struct{ project, location string }

func (p parent) String() string { return "projects/" + p.project + "/locations/" + p.location }

// name is the resource name of a job. It is safe to use as a path.
func (p parent) name(id string) string { return p.String() + "/pipelineJobs/" + id }

func parseParent(text string) (parent, error) {
	m := parentPattern().FindStringSubmatch(text)
	if m == nil {
		return parent{}, status.Errorf(codes.InvalidArgument, "Invalid parent: want projects/PROJECT/locations/LOCATION, got %q.", text)
	}
	return parent{project: m[1], location: m[2]}, nil
}

// parseName reads the location from the name of a job.
func parseName(text string) (parent, error) {
	m := namePattern().FindStringSubmatch(text)
	if m == nil || !isID(m[3]) {
		return parent{}, status.Errorf(codes.InvalidArgument, "Invalid name: want projects/PROJECT/locations/LOCATION/pipelineJobs/ID, got %q.", text)
	}
	return parent{project: m[1], location: m[2]}, nil
}

func isID(text string) bool { return idPattern().MatchString(text) && len(text) <= maxID }

// newNumber makes a number to name something by that was given no name.
func newNumber() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return strconv.FormatUint(binary.BigEndian.Uint64(random[:])>>1, 10)
}
