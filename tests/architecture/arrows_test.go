package architecture

import (
	"slices"
	"strings"
	"testing"
)

// arrows says for each room which other rooms it may import; a room holds the
// packages below it as well, and may import itself. A new package needs a line
// here unless it lies in a room that has one: the line is the design decision.
var arrows = map[string][]string{
	// Leaves that anybody may use.
	"internal/backoff":    {},
	"internal/exitcode":   {},
	"internal/expression": {},
	"internal/interrupt":  {"internal/exitcode"},
	"internal/logging":    {},
	"internal/printable":  {},
	"internal/quickstart": {},
	"internal/roots":      {},
	"internal/secret":     {"internal/backoff"},
	"internal/version":    {},
	"internal/yamlfault":  {},

	// The four pillars know nothing of each other.
	"internal/auth":         {"internal/backoff"},
	"internal/call":         {"internal/backoff"},
	"internal/executor":     {},
	"internal/pipelinespec": {"internal/yamlfault"},

	// The step.
	"internal/diagnose": {"internal/auth", "internal/call", "internal/exitcode", "internal/printable"},
	"component": {
		"internal/auth", "internal/backoff", "internal/call", "internal/diagnose", "internal/executor",
		"internal/exitcode", "internal/expression", "internal/interrupt", "internal/logging", "internal/roots", "internal/secret", "internal/version",
	},
	"internal/cli/authcall": {
		"component", "internal/auth", "internal/call", "internal/diagnose", "internal/executor",
		"internal/exitcode", "internal/interrupt", "internal/logging", "internal/tokeninfo", "internal/version",
	},
	"cmd/authcall": {"internal/cli/authcall", "internal/interrupt"},

	// The submitter and the embedded local Google.
	"gate":                {},
	"internal/gateconfig": {},
	"internal/tokeninfo":  {"gate"},
	"pipelines":           {"component", "internal/pipelinespec", "internal/version"},
	"internal/localrun":   {"internal/pipelinespec"},
	"internal/gapi":       {},
	"internal/vertex":     {"internal/backoff", "internal/gapi", "internal/pipelinespec"},
	"internal/sender":     {"internal/auth", "internal/backoff", "internal/gapi"},
	"internal/localgcp":   {"component", "gate", "internal/localrun", "internal/pipelinespec", "internal/version", "internal/yamlfault"},
	"internal/trigger":    {"gate", "internal/expression", "internal/pipelinespec", "internal/vertex", "internal/yamlfault"},
	"internal/cli/authpipe": {
		"component", "gate", "internal/cli/authcall", "internal/exitcode", "internal/gapi", "internal/gateconfig", "internal/interrupt", "internal/localgcp",
		"internal/logging", "internal/pipelinespec", "internal/printable", "internal/sender", "internal/trigger", "internal/version", "internal/vertex", "internal/yamlfault", "pipelines",
	},
	"cmd/authpipe": {"internal/cli/authcall", "internal/cli/authpipe", "internal/interrupt", "internal/quickstart", "internal/roots"},

	// Things to copy.
	"examples": {"gate"},

	// Programs to copy.
	"examples/go-step": {"component"},

	// Programs that builds use.
	"internal/tools": {},

	// Tests see everything.
	"tests": {"."},
}

func TestRoomsImportOnlyAlongTheArrows(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		room, ok := roomOf(p.room())
		if !ok {
			t.Errorf("%s belongs to no room: say in arrows what it may import", p.room())
			continue
		}
		if room == "tests" {
			continue
		}
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module+"/")
			if ours && !within(to, room) && !slices.ContainsFunc(arrows[room], func(may string) bool { return within(to, may) }) {
				t.Errorf("%s imports %s: %s may import %q", p.room(), to, room, arrows[room])
			}
		}
	}
}

// roomOf is the longest room that the package lies in.
func roomOf(path string) (string, bool) {
	best, ok := "", false
	for room := range arrows {
		if within(path, room) && (!ok || len(room) > len(best)) {
			best, ok = room, true
		}
	}
	return best, ok
}

// The step starts with every task of a pipeline, in an image that is pulled
// every time: what it links is paid for each time.
func TestStepLinksNoneOfTheSubmitter(t *testing.T) {
	t.Parallel()
	forbidden := []string{
		"cloud.google.com/go/aiplatform",
		"cel.dev/cel-go",
		"github.com/spf13/cobra",
		"github.com/spf13/pflag",
		"go.yaml.in/yaml/v3",
		module + "/gate/grpcgate",
		module + "/internal/cli/authpipe",
		module + "/internal/localgcp",
		module + "/internal/localrun",
		module + "/internal/pipelinespec",
		module + "/internal/vertex",
		module + "/pipelines",
	}
	for _, p := range list(t, "-deps", "-tags", "grpcnotrace", "./cmd/authcall") {
		for _, f := range forbidden {
			if within(p.ImportPath, f) {
				t.Errorf("cmd/authcall links %s", p.ImportPath)
			}
		}
	}
}
