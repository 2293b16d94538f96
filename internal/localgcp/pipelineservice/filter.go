package pipelineservice

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
)

// filter tells whether a job is in a list.
type filter func(*aiplatformpb.PipelineJob) bool

var (
	conjunction = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\s+AND\s+`) })
	comparison  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*([a-z_]+|labels\.[-\p{Ll}\p{Lo}\p{Nd}_]+)\s*(!=|=|:)\s*("([^"]*)"|[^\s"]+)\s*$`)
	})
)

// filterFields are the fields that a filter may name.
var filterFields = map[string]func(*aiplatformpb.PipelineJob) string{
	"display_name":         (*aiplatformpb.PipelineJob).GetDisplayName,
	"state":                func(j *aiplatformpb.PipelineJob) string { return j.GetState().String() },
	"pipeline_name":        pipelineName,
	"pipeline_job_user_id": func(j *aiplatformpb.PipelineJob) string { return path.Base(j.GetName()) },
}

// parseFilter reads comparisons joined by AND. Anything else of the filter
// language is refused rather than passed over.
func parseFilter(text string) (filter, error) {
	if strings.TrimSpace(text) == "" {
		return func(*aiplatformpb.PipelineJob) bool { return true }, nil
	}
	var all []filter
	for _, term := range conjunction().Split(text, -1) {
		one, err := parseComparison(term)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return func(job *aiplatformpb.PipelineJob) bool {
		for _, holds := range all {
			if !holds(job) {
				return false
			}
		}
		return true
	}, nil
}

func parseComparison(term string) (filter, error) {
	m := comparison().FindStringSubmatch(term)
	if m == nil {
		return nil, unsupportedFilter(term)
	}
	operator, want := m[2], strings.Trim(m[3], `"`)
	holds := func(got string) bool {
		switch operator {
		case "=":
			return got == want
		case "!=":
			return got != want
		default:
			return matchWildcard(want, got)
		}
	}
	if key, isLabel := strings.CutPrefix(m[1], "labels."); isLabel {
		return func(job *aiplatformpb.PipelineJob) bool {
			got, has := job.GetLabels()[key]
			return holds(got) && (has || operator == "!=")
		}, nil
	}
	field, known := filterFields[m[1]]
	if !known {
		return nil, unsupportedFilter(term)
	}
	return func(job *aiplatformpb.PipelineJob) bool { return holds(field(job)) }, nil
}

func unsupportedFilter(term string) error {
	return fmt.Errorf("the local service does not know %q: it knows display_name, state, pipeline_name, pipeline_job_user_id and labels.KEY, each with =, != or : and joined by AND", term)
}

// matchWildcard matches text against a pattern in which * stands for any text.
func matchWildcard(pattern, text string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

func pipelineName(job *aiplatformpb.PipelineJob) string {
	return job.GetPipelineSpec().GetFields()["pipelineInfo"].GetStructValue().GetFields()["name"].GetStringValue()
}
