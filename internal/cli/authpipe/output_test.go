package authpipe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
)

func TestColoursOnlyWhereWanted(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		on    bool
		state aiplatformpb.PipelineTaskDetail_State
		want  string
	}{
		{name: "success", on: true, state: aiplatformpb.PipelineTaskDetail_SUCCEEDED, want: "\x1b[32msucceeded\x1b[0m"},
		{name: "failure", on: true, state: aiplatformpb.PipelineTaskDetail_FAILED, want: "\x1b[31mfailed\x1b[0m"},
		{name: "neither", on: true, state: aiplatformpb.PipelineTaskDetail_NOT_TRIGGERED, want: "not triggered"},
		{name: "no colours", state: aiplatformpb.PipelineTaskDetail_FAILED, want: "failed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := (&painter{on: c.on}).state(c.state); got != c.want {
				t.Errorf("state() = %q, want %q", got, c.want)
			}
		})
	}
}

func TestWantsColor(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, noColor, term string
		want                bool
	}{
		{name: "a terminal", term: "xterm", want: true},
		{name: "asked not to", noColor: "1", term: "xterm"},
		{name: "a terminal without colours", term: "dumb"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"NO_COLOR": c.noColor, "TERM": c.term}
			if got := wantsColor(func(name string) string { return env[name] }); got != c.want {
				t.Errorf("wantsColor() = %v, want %v", got, c.want)
			}
		})
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{name: "short", text: "a", want: "a"},
		{name: "several lines", text: " a\n\n\tb ", want: "a b"},
		{name: "what a terminal would obey", text: "\x1b[31mred\a", want: "\ufffd[31mred\ufffd"},
		{name: "long", text: strings.Repeat("ä", 300), want: strings.Repeat("ä", maxAnswer) + " …"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := shorten(c.text); got != c.want {
				t.Errorf("shorten() = %q, want %q", got, c.want)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, who, whom, want string }{
		{name: "both", who: "a", whom: "b", want: "a as b"},
		{name: "the same", who: "a", whom: "a", want: "a"},
		{name: "no token", who: "a", want: "a"},
		{name: "nobody known", whom: "b", want: "as b"},
		{name: "nothing known"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := identity(map[string]any{"principal": c.who, "called_as": c.whom}); got != c.want {
				t.Errorf("identity() = %q, want %q", got, c.want)
			}
		})
	}
}

// What is written beside the file on the way there is nobody's business.
func TestWriteFileTellsOfTheFileThatWasNamed(t *testing.T) {
	t.Parallel()
	err := writeFile("/nonexistent/x.yaml", nil, 0o600)
	if want := "open /nonexistent/x.yaml: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("writeFile() = %v, want %s", err, want)
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, text string }{{file, "first"}, {file, "second"}, {link, "through the link"}} {
		if err := writeFile(c.path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != c.text {
			t.Errorf("file = %q, %v; want %q", got, err, c.text)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"file", "link"}, names); diff != "" {
		t.Errorf("directory (-want +got):\n%s", diff)
	}
	if err := writeFile(os.DevNull, []byte("x"), 0o600); err != nil {
		t.Errorf("a device: %v", err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Error("the device is a file now")
	}
}
