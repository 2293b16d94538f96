package component

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/expression"
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

const expressionsTail = `
## Expressions

` + "`success`, `result`, `poll_until` and `next_page`" + ` are jq expressions over
` + "`{status, headers, body}`" + `: the status as a number, headers with lower-case names, and the body's
JSON or, where it is none, its text. Numbers stay as they are written, however long. An expression
sees no environment and reads no file. A body may be %d bytes long for an expression to see it, an
evaluation may take ten seconds and a gibibyte of memory, and the text of a result may be %d bytes
long. An expression that cannot be compiled is bad input, before any call; one that does not fit the
answer ends with exit code 1.

## What is not shown

Neither the credential nor the value of a secret header stands in a parameter, in the metadata of
` + "`response`" + ` or in a message, even where the service repeats it: it is [redacted] there. Secrets of
less than %d bytes are not looked for. The artifact itself is as the service sent it.
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
	fmt.Fprintf(&b, expressionsTail, expressionBytes, expression.MaxText, leastSecret)
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
