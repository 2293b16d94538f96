package authpipe

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/exitcode"
)

// helpDir holds a page for every command, which `go generate` writes with this
// test and its flag -update.
const helpDir = "../../../docs/cmd"

func TestHelpPages(t *testing.T) {
	t.Parallel()
	want, got := map[string]string{}, readPages(t)
	writePages(t, newRoot(newWorld(t, &fakeService{}).factory), want)
	if *update {
		replacePages(t, got, want)
		return
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s is not up to date, run go generate (-written +now):\n%s", helpDir, diff)
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		if cmd.Name() != "help" && !cmd.HasExample() {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for _, child := range cmd.Commands() {
			look(child)
		}
	}
	look(newRoot(newWorld(t, &fakeService{}).factory))
}

// writePages makes the pages of a command and of those below it.
func writePages(t *testing.T, cmd *cobra.Command, pages map[string]string) {
	t.Helper()
	w := newWorld(t, &fakeService{})
	path := strings.Fields(cmd.CommandPath())
	if code := w.run(t.Context(), append(path[1:], "--help")...); code != exitcode.OK || w.err.Len() > 0 {
		t.Fatalf("%s --help: exit code = %d: %s", cmd.CommandPath(), code, w.err.String())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", cmd.CommandPath())
	if parent := cmd.Parent(); parent != nil {
		fmt.Fprintf(&b, "Up: [%s](%s)\n\n", parent.CommandPath(), pageName(parent))
	}
	fmt.Fprintf(&b, "```text\n%s```\n", w.out.String())
	for _, child := range cmd.Commands() {
		if child.Name() == "help" {
			continue // says nothing of its own
		}
		if child == cmd.Commands()[0] {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- [%s](%s)\n", child.CommandPath(), pageName(child))
		writePages(t, child, pages)
	}
	pages[pageName(cmd)] = b.String()
}

func pageName(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".md"
}

func readPages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(helpDir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(file)] = string(data)
	}
	return pages
}

func replacePages(t *testing.T, old, pages map[string]string) {
	t.Helper()
	if err := os.MkdirAll(helpDir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name := range old {
		if err := os.Remove(filepath.Join(helpDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(helpDir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
