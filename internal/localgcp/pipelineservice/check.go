package pipelineservice

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/pipelinespec"
)

var (
	rootPattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^gs://[a-z0-9][-_.a-z0-9]*[a-z0-9](/.*)?$`) })
	accountPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^@\s/]+@[^@\s/]+$`) })
	labelPattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{Nd}_-]*$`) })
)

// Limits in characters. They are no part of the patterns above, for a counted
// repetition is expensive to compile.
const (
	maxDisplayName = 128
	maxLabel       = 64
)

// check holds a new job to the rules of the API and returns its spec.
func check(job *aiplatformpb.PipelineJob) (*pipelinespec.Spec, error) {
	if err := checkFields(job); err != nil {
		return nil, err
	}
	spec, err := parseSpec(job)
	if err != nil {
		return nil, invalidf("pipeline_job.pipeline_spec", "%w", err)
	}
	if err := spec.CheckParameters(parameterValues(job)); err != nil {
		return nil, invalidf("pipeline_job.runtime_config.parameter_values", "%w", err)
	}
	return spec, nil
}

func checkFields(job *aiplatformpb.PipelineJob) error {
	config := job.GetRuntimeConfig()
	switch {
	case job.GetPipelineSpec() == nil:
		return invalidf("pipeline_job.pipeline_spec", "it is required: templates are not fetched here")
	case utf8.RuneCountInString(job.GetDisplayName()) > maxDisplayName:
		return invalidf("pipeline_job.display_name", "it has more than %d characters", maxDisplayName)
	case !rootPattern().MatchString(config.GetGcsOutputDirectory()):
		return invalidf("pipeline_job.runtime_config.gcs_output_directory", "want gs://BUCKET/FOLDER, got %q", config.GetGcsOutputDirectory())
	case len(config.GetParameters()) > 0: //nolint:staticcheck // the deprecated field is looked at only to refuse it
		return invalidf("pipeline_job.runtime_config.parameters", "schema version 2.1.0 takes parameter_values")
	case !accountPattern().MatchString(job.GetServiceAccount()):
		return invalidf("pipeline_job.service_account", "want an email, got %q", job.GetServiceAccount())
	}
	for key, value := range job.GetLabels() {
		if key == "" || !isLabel(key) || !isLabel(value) {
			return invalidf("pipeline_job.labels", "want lower-case letters, digits, underscores and dashes, got %q: %q", key, value)
		}
	}
	return nil
}

func isLabel(text string) bool {
	return labelPattern().MatchString(text) && utf8.RuneCountInString(text) <= maxLabel
}

func parseSpec(job *aiplatformpb.PipelineJob) (*pipelinespec.Spec, error) {
	data, err := protojson.Marshal(job.GetPipelineSpec())
	if err != nil {
		return nil, err
	}
	spec, err := pipelinespec.Parse(data)
	if err != nil {
		return nil, err
	}
	return spec, spec.Validate()
}

// invalidf names the field, and puts all that is wrong with it on one line.
func invalidf(field, format string, args ...any) error {
	problem := strings.ReplaceAll(fmt.Errorf(format, args...).Error(), "\n", "; ")
	return status.Errorf(codes.InvalidArgument, "Invalid value for %s: %s.", field, problem)
}
