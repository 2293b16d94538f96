package component

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/version"
)

// origin is the task that a step runs for, as far as the runtime tells: what leads
// from a request in a service's log back to the run that made it.
type origin struct {
	// task is the end of the path of the task's outputs, which has the ids of run
	// and task in every runtime.
	task string
	// retry is how often the task was tried before; empty means never.
	retry string
	// more is what only some runtimes tell, as "name value".
	more []string
}

// originOf reads it from the task's output file and the environment.
func originOf(outputFile string, getenv func(string) string) origin {
	o := origin{task: lastSegments(path.Dir(outputFile))}
	if retry := getenv("KFP_RETRY_INDEX"); retry != "0" {
		o.retry = retry
	}
	for _, told := range []struct{ name, value string }{
		{"pod", getenv("KFP_POD_NAME")},           // Kubeflow
		{"custom job", getenv("CLOUD_ML_JOB_ID")}, // Vertex AI
		{"labels", labels(getenv("VERTEX_AI_PIPELINES_RUN_LABELS"))},
	} {
		if told.value != "" {
			o.more = append(o.more, told.name+" "+told.value)
		}
	}
	return o
}

// lastSegments is the end of a path: on Vertex AI project, job and task, on
// Kubeflow run, task and a salt.
func lastSegments(dir string) string {
	const enough = 3
	if dir == "." {
		return ""
	}
	segments := strings.FieldsFunc(dir, func(r rune) bool { return r == '/' })
	return strings.Join(segments[max(0, len(segments)-enough):], "/")
}

// labels writes a JSON object of strings as k=v.
func labels(text string) string {
	var given map[string]string
	if json.Unmarshal([]byte(text), &given) != nil {
		return ""
	}
	pairs := make([]string, 0, len(given))
	for _, key := range slices.Sorted(maps.Keys(given)) {
		pairs = append(pairs, key+"="+given[key])
	}
	return strings.Join(pairs, " ")
}

// String is for a log; it is empty where there is nothing beyond the task.
func (o origin) String() string {
	if o.retry == "" && len(o.more) == 0 {
		return ""
	}
	return printable(strings.Join(o.parts(o.more), ", "))
}

func (o origin) parts(more []string) []string {
	var parts []string
	if o.task != "" {
		parts = append(parts, "task "+o.task)
	}
	if o.retry != "" {
		parts = append(parts, "retry "+o.retry)
	}
	return append(parts, more...)
}

// userAgent names the program, and the task in a comment.
func (o origin) userAgent() string {
	agent := "authcall/" + version.Get().String()
	comment := printable(strings.Join(o.parts(nil), "; "))
	if comment == "" {
		return agent
	}
	const most = 200 // bytes; servers bound headers
	return agent + " (" + comment[:min(len(comment), most)] + ")"
}

// printable keeps what a header's comment and a line of a log may hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`()\`, r) {
			return '_'
		}
		return r
	}, text)
}
