package trigger

import (
	"os"
	"strings"
	"testing"
)

// Every outcome that the metrics and the log can name is in the guide.
func TestOutcomesAreInTheGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(guide), "\n## Answers\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, name := range []string{
		submitted, exists, skipped, dropped, refused, badMethod, badEvent, busy, goingDown,
		rejected, permission, credentials, notFound, quota, unavailable, internal,
	} {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("docs/serve.md does not say what %s is", name)
		}
	}
}
