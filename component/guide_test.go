package component

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/options.md")

const optionsHead = `# Options

Every option is an input of the component, a flag of ` + "`authcall call`" + ` (with hyphens) and an
environment variable (AUTHCALL_ and capitals). In rising order: default, environment, executor
input, flag. This page is written from the options themselves.

| input | type | default | |
|---|---|---|---|
`

const policyHead = `
## Policy

Only the environment sets these, so that a pipeline's parameters cannot loosen them. A variable
that begins with AUTHCALL_ and is not listed here or above is refused.

| variable | default | |
|---|---|---|
`

const outputsHead = `
## Outputs

| output | type | |
|---|---|---|
`

// TestOptionsGuide keeps docs/options.md in step with the options.
func TestOptionsGuide(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(optionsHead)
	for _, in := range Inputs() {
		standard := "required"
		if in.Optional {
			standard = code(in.Default)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", in.Name, in.Type, standard, in.Description)
	}
	b.WriteString(policyHead)
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Policy]()) {
		if f.IsExported() {
			fmt.Fprintf(&b, "| `AUTHCALL_%s` | %s | %s |\n", strings.ToUpper(snakeCase(f.Name)), code(f.Tag.Get("default")), f.Tag.Get("desc"))
		}
	}
	b.WriteString(outputsHead)
	for _, out := range Outputs() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", out.Name, out.Type, out.Description)
	}
	const path = "../docs/options.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
