package localrun

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/authcall/authcall/internal/pipelinespec"
	"sync"
)

// Job is one run of a pipeline.
type Job struct {
	// ID names the job's directory and its outermost task: a letter, then
	// letters, digits and dashes, lower-case, at most 128.
	ID string
	// Spec is the pipeline; Run validates it.
	Spec *pipelinespec.Spec
	// Parameters are what the run gives for the pipeline's parameters, as JSON
	// values; defaults fill in the rest.
	Parameters map[string]any
	// Root is the gs:// directory under which the job's directory lies.
	Root string
	// FailFast starts no more tasks once one has failed, exit handlers aside.
	// Otherwise all tasks run that do not depend on the failed one.
	FailFast bool
	// Env is the environment of the steps, NAME=value each. A step gets this,
	// what its container declares and what its launcher adds, nothing else.
	Env []string
	// Placeholders are values for {{$.NAME}} by NAME that the runner does not
	// know itself, such as pipeline_service_account.
	Placeholders map[string]string
}

// maxJobID is how long a job's id may be, in characters.
const maxJobID = 128

var jobID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
})

// check tells what is wrong with the job before anything runs.
func (j Job) check(eval *evaluator) error {
	if !jobID().MatchString(j.ID) || len(j.ID) > maxJobID {
		return fmt.Errorf("job id: got %q, want a letter, then letters, digits and dashes, lower-case, at most 128", j.ID)
	}
	if !strings.HasPrefix(j.Root, "gs://") {
		return fmt.Errorf("pipeline root: got %q, want a gs:// directory", j.Root)
	}
	if err := j.Spec.Validate(); err != nil {
		return fmt.Errorf("pipeline spec: %w", err)
	}
	if err := j.Spec.CheckParameters(j.Parameters); err != nil {
		return err
	}
	return preflight(j.Spec, eval)
}

// directory is the URI of the job's directory.
func (j Job) directory() string { return strings.TrimRight(j.Root, "/") + "/" + j.ID }
