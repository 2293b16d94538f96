package vertex

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// maxJobID is how long a job id may be, in characters.
const maxJobID = 128

// keyDigest is how many bytes of a key's digest are in an id: two keys share one
// by no accident.
const keyDigest = 16

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
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return jobID(pipeline, now.UTC().Format(jobIDTimeForm)+"-"+hex.EncodeToString(random[:]))
}

// JobIDFor makes the id of the one run that belongs to a key, which is all its
// parts in their order: the same key always gives the same id, and another key
// another one.
func JobIDFor(pipeline string, key ...string) string {
	digest := sha256.New()
	for _, part := range key {
		_, _ = fmt.Fprintf(digest, "%d:%s", len(part), part) // a digest takes everything
	}
	return jobID(pipeline, hex.EncodeToString(digest.Sum(nil)[:keyDigest]))
}

// jobID puts as much of the pipeline's name as there is room for before the rest.
func jobID(pipeline, rest string) string {
	name := strings.Trim(notInJobID().ReplaceAllString(strings.ToLower(pipeline), "-"), "-")
	if !startsWithAZ().MatchString(name) {
		name = strings.TrimSuffix("run-"+name, "-")
	}
	if room := maxJobID - len(rest) - 1; len(name) > room {
		name = strings.TrimRight(name[:room], "-")
	}
	return name + "-" + rest
}

func checkJobID(id string) error {
	if !jobIDPattern().MatchString(id) || len(id) > maxJobID {
		return fmt.Errorf("invalid job id: want a lower-case letter, then at most 127 lower-case letters, digits or dashes, got %q", id)
	}
	return nil
}
