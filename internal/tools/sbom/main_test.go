package main

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
)

// The test's own binary is a Go program like any other.
func TestListOfThisProgram(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := run([]string{"-name", "tested", "-version", "v1.2.3", self}, out); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Error("two lists of one program differ")
	}
	var bom cyclonedx.BOM
	if err := json.Unmarshal(first.Bytes(), &bom); err != nil {
		t.Fatal(err)
	}
	program := bom.Metadata.Component
	if program.Name != "tested" || program.Version != "v1.2.3" || len((*program.Hashes)[0].Value) != 64 {
		t.Errorf("program %+v, want tested v1.2.3 with its sha256", program)
	}
	versions := map[string]string{}
	for _, c := range *bom.Components {
		versions[c.Name] = c.Version
		if want := "pkg:golang/" + c.Name + "@" + c.Version; c.PackageURL != want {
			t.Errorf("%s has the URL %q, want %q", c.Name, c.PackageURL, want)
		}
	}
	if "go"+versions["std"] != runtime.Version() || versions["github.com/CycloneDX/cyclonedx-go"] == "" {
		t.Errorf("components %v, want the standard library and CycloneDX's among them", versions)
	}
}

func TestWhatIsNoProgram(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"a", "b"}, {"main.go"}, {"missing"}} {
		if err := run(args, &bytes.Buffer{}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("run(%q) = %v, want an error on one line", args, err)
		}
	}
}
