package pipelines_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a spec with testdata/NAME.yaml. The version of the build is
// no part of it.
func golden(t *testing.T, name string, spec *pipelinespec.Spec) {
	t.Helper()
	spec.SDKVersion = "authcall-test"
	got, err := spec.YAML()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".yaml")
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
