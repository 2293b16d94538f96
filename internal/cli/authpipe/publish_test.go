package authpipe

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/exitcode"
)

// What publishes a release writes the components with commands that there are.
func TestPublishingWritesTheComponents(t *testing.T) {
	t.Parallel()
	for _, file := range []string{".github/workflows/release.yml", "cloudbuild.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		commands := regexp.MustCompile(`/authpipe (component .*) -o dist/`).FindAllSubmatch(data, -1)
		if len(commands) != 3 {
			t.Errorf("%s writes %d components, want 3", file, len(commands))
		}
		for _, command := range commands {
			args := strings.Fields(strings.ReplaceAll(string(command[1]), `"$image"`, "registry.example.com/authcall:1.2.3"))
			w := newWorld(t, &fakeService{})
			if code := w.run(t.Context(), args...); code != exitcode.OK || !strings.Contains(w.out.String(), "registry.example.com/authcall:1.2.3") {
				t.Errorf("%s: authpipe %q: exit code = %d: %s", file, args, code, w.err.String())
			}
		}
	}
}
