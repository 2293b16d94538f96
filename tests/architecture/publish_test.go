package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is what is looked at in a workflow of GitHub Actions.
type workflow struct {
	Permissions *yaml.Node
	Jobs        map[string]struct {
		Permissions map[string]string
		Steps       []struct{ Uses string }
	}
}

// What runs with our permissions runs by its hash, for a tag can be moved; and it
// has the permissions that it needs, said job by job where they are more than to
// read.
func TestWorkflowsArePinnedAndMayDoLittle(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", ".github", "workflows", "*.yml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("workflows %q, %v", files, err)
	}
	pinned := regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40}$`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(data, &w); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if w.Permissions == nil || strings.Contains(string(data), "write-all") {
			t.Errorf("%s does not say what it may do", file)
		}
		for name, job := range w.Jobs {
			for _, step := range job.Steps {
				if step.Uses != "" && !pinned.MatchString(step.Uses) {
					t.Errorf("%s: job %s uses %s, want it pinned by its commit", file, name, step.Uses)
				}
			}
		}
	}
}

// The images are built with one Go, wherever that is said.
func TestBuildsNameOneGo(t *testing.T) {
	t.Parallel()
	image := regexp.MustCompile(`golang:[0-9.]+`)
	named := map[string]bool{}
	for _, file := range []string{"Dockerfile", "examples/go-step/Dockerfile", "cloudbuild.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		found := image.FindAllString(string(data), -1)
		if len(found) == 0 {
			t.Errorf("%s names no Go", file)
		}
		for _, name := range found {
			named[name] = true
		}
	}
	if len(named) != 1 {
		t.Errorf("builds name %v, want one", named)
	}
}
