package vertex

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Limits of the API, from the documentation of aiplatformpb.PipelineJob.
const (
	maxDisplayName = 128
	maxLabel       = 64
	maxBucket      = 222
	billingLabel   = "vertex-ai-pipelines-run-billing-id"
)

var (
	projectPattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][-a-z0-9.:]*$`) })
	locationPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`) })
	bucketPattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][-_.a-z0-9]+[a-z0-9]$`) })
	accountPattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^@\s:/]+@([-a-z0-9]+\.)+gserviceaccount\.com$`) })
)

// check finds all that is wrong with what a submission shares with all others of
// its template, apart from the spec.
func (s Submission) check() error {
	return errors.Join(
		CheckProject(s.Project),
		CheckLocation(s.Location),
		CheckPipelineRoot(s.PipelineRoot),
		CheckServiceAccount(s.ServiceAccount),
		checkDisplayName(s.DisplayName),
	)
}

// CheckProject wants a project id or number.
func CheckProject(project string) error {
	if !projectPattern().MatchString(project) {
		return fmt.Errorf("invalid project: want a project id or number, got %q", project)
	}
	return nil
}

// CheckLocation wants a region.
func CheckLocation(location string) error {
	if !locationPattern().MatchString(location) {
		return fmt.Errorf("invalid location: want a region such as us-central1, got %q", location)
	}
	return nil
}

// CheckPipelineRoot wants a folder in Cloud Storage.
func CheckPipelineRoot(root string) error {
	rest, ok := strings.CutPrefix(root, "gs://")
	bucket, _, _ := strings.Cut(rest, "/")
	switch {
	case !ok || bucket == "" || len(bucket) > maxBucket:
		return fmt.Errorf("invalid pipeline root: want gs://BUCKET or gs://BUCKET/FOLDER, got %q", root)
	case !bucketPattern().MatchString(bucket):
		return fmt.Errorf("invalid pipeline root: want a bucket of 3 or more lower-case letters, digits, dashes, underscores or dots, got %q", bucket)
	}
	return nil
}

// CheckServiceAccount wants the email of a service account.
func CheckServiceAccount(email string) error {
	if !accountPattern().MatchString(email) {
		return fmt.Errorf("invalid service account: want its email, as in NAME@PROJECT.iam.gserviceaccount.com, got %q", email)
	}
	return nil
}

func checkDisplayName(name string) error {
	if n := utf8.RuneCountInString(name); n > maxDisplayName {
		return fmt.Errorf("display name too long: want at most %d characters, got %d", maxDisplayName, n)
	}
	return nil
}

// CheckLabels holds labels to the API's limits: keys and values of at most 64
// characters, each a digit, an underscore, a dash or a letter that is not upper
// case; and one reserved key.
func CheckLabels(labels map[string]string) error {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		value := labels[key]
		switch {
		case key == billingLabel:
			errs = append(errs, fmt.Errorf("label %q is reserved by Vertex AI", key))
		case key == "" || !isLabel(key):
			errs = append(errs, fmt.Errorf("invalid label key %q: want 1 to %d lower-case letters, digits, underscores or dashes", key, maxLabel))
		case !isLabel(value):
			errs = append(errs, fmt.Errorf("invalid value %q of label %s: want at most %d lower-case letters, digits, underscores or dashes", value, key, maxLabel))
		}
	}
	return errors.Join(errs...)
}

func isLabel(text string) bool {
	return utf8.RuneCountInString(text) <= maxLabel && strings.IndexFunc(text, notInLabel) < 0
}

func notInLabel(r rune) bool {
	switch {
	case r == '_' || r == '-' || unicode.IsDigit(r):
		return false
	default:
		return !unicode.IsLetter(r) || unicode.IsUpper(r)
	}
}
