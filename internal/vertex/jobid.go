package vertex

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// maxJobID is how long a job id may be, in characters.
const maxJobID = 128

var (
	jobIDPattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][-a-z0-9]*$`) })
	notInJobID    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^-0-9a-z]+`) })
	startsWithAZ  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]`) })
	jobIDTimeForm = "20060102150405"
)

// NewJobID makes the id of a run from the pipeline's name, the time (UTC, to the
// second, so that ids sort) and four random hex digits, so that runs submitted
// within one second do not collide.
func NewJobID(pipeline string, now time.Time) string {
	name := strings.Trim(notInJobID().ReplaceAllString(strings.ToLower(pipeline), "-"), "-")
	if !startsWithAZ().MatchString(name) {
		name = strings.TrimSuffix("run-"+name, "-")
	}
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	suffix := "-" + now.UTC().Format(jobIDTimeForm) + "-" + hex.EncodeToString(random[:])
	if room := maxJobID - len(suffix); len(name) > room {
		name = strings.TrimRight(name[:room], "-")
	}
	return name + suffix
}

func checkJobID(id string) error {
	if !jobIDPattern().MatchString(id) || len(id) > maxJobID {
		return fmt.Errorf("invalid job id: want a lower-case letter, then at most 127 lower-case letters, digits or dashes, got %q", id)
	}
	return nil
}
