package localrun

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// placeholder matches {{$}}, {{$.inputs.parameters['x']}} and their like.
var placeholder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{\{\$((?:\.[A-Za-z0-9_]+(?:\[(?:'[^']*'|"[^"]*")\])?)*)\}\}`)
})

// replaceAll replaces every placeholder in a text by what lookup gives for the
// way inside it, such as .inputs.parameters['x']. The replaced text is not
// looked at again, so that no value is taken for a placeholder.
func replaceAll(text string, lookup func(way string) (string, error)) (string, error) {
	var first error
	out := placeholder().ReplaceAllStringFunc(text, func(match string) string {
		value, err := lookup(match[len("{{$") : len(match)-len("}}")])
		if err != nil && first == nil {
			first = fmt.Errorf("placeholder %s: %w", match, err)
		}
		return value
	})
	return out, first
}

// inputParameter matches the way to a task's own input.
var inputParameter = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\.inputs\.parameters\[(?:'([^']*)'|"([^"]*)")\]$`)
})

// replaceInputs replaces placeholders for other inputs of a task in a constant.
// Where a placeholder is the whole text, the value keeps its type.
func (u *unit) replaceInputs(constant any, parameters map[string]any) any {
	return mapStrings(constant, func(text string) any {
		find := func(way string) (any, bool) {
			if match := inputParameter().FindStringSubmatch(way); match != nil {
				value, ok := parameters[match[1]+match[2]]
				return value, ok
			}
			return u.jobValue(way)
		}
		if match := placeholder().FindStringSubmatch(text); len(match) > 0 && match[0] == text {
			if value, ok := find(match[1]); ok {
				return value
			}
			return text
		}
		out, _ := replaceAll(text, func(way string) (string, error) {
			if value, ok := find(way); ok {
				return asText(value), nil
			}
			return "{{$" + way + "}}", nil
		})
		return out
	})
}

// replaceJob replaces the placeholders that the job has values for.
func (u *unit) replaceJob(value any) any { return u.replaceInputs(value, nil) }

// jobValue is what a placeholder stands for that is the same for all inputs.
func (u *unit) jobValue(way string) (string, bool) {
	switch name := strings.TrimPrefix(way, "."); name {
	case "pipeline_job_name":
		return u.job.ID, true
	case "pipeline_task_name":
		return u.record.task.Name, true
	case "pipeline_task_uuid":
		return strconv.FormatInt(u.record.task.ID, 10), true
	default:
		value, ok := u.job.Placeholders[name]
		return value, ok
	}
}

// mapStrings replaces every string in a JSON value.
func mapStrings(value any, f func(string) any) any {
	switch value := value.(type) {
	case string:
		return f(value)
	case []any:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = mapStrings(v, f)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(value))
		for k, v := range value {
			out[k] = mapStrings(v, f)
		}
		return out
	default:
		return value
	}
}
