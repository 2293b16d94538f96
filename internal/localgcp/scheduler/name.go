package scheduler

import (
	"crypto/rand"
	"regexp"
	"strings"
	"sync"
)

var (
	parentPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^projects/([A-Za-z0-9][-A-Za-z0-9:.]*)/locations/([a-z0-9][-a-z0-9]*)$`)
	})
	idPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[-A-Za-z0-9_]{1,500}$`) })
)

// parent is projects/PROJECT/locations/LOCATION.
type parent struct{ project, location string }

func (p parent) String() string { return "projects/" + p.project + "/locations/" + p.location }

// resource is what permissions are granted on.
func (p parent) resource() string { return "projects/" + p.project }

func parseParent(text string) (parent, error) {
	m := parentPattern().FindStringSubmatch(text)
	if m == nil {
		return parent{}, invalid("parent", `Parent must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>".`)
	}
	return parent{project: m[1], location: m[2]}, nil
}

const jobsPath = "/jobs/"

// parseName reads the location from the name of a job.
func parseName(text string) (parent, error) {
	in, id, ok := strings.Cut(text, jobsPath)
	p, err := parseParent(in)
	if !ok || err != nil || !idPattern().MatchString(id) {
		return parent{}, invalid("job.name",
			`Job name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>".`)
	}
	return p, nil
}

// newName is one for a job that was given none.
func (p parent) newName() string { return p.String() + jobsPath + strings.ToLower(rand.Text()) }
