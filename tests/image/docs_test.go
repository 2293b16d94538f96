package image

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each test that a guide names as a proof is there.
func TestProofsInTheGuidesExist(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"kfp.md", "serve.md"} {
		guide, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		checkProofs(t, string(guide))
	}
}

func checkProofs(t *testing.T, guide string) {
	t.Helper()
	packages := map[string]string{
		"image": ".", "conformance": "../conformance", "acceptance": "../acceptance", "component": "../../component", "executor": "../../internal/executor",
		"trigger": "../../internal/trigger", "config": "../../internal/trigger/config",
	}
	for _, proof := range regexp.MustCompile("`([a-z]+)\\.(Test\\w+)(?:/(\\w+))?`").FindAllStringSubmatch(guide, -1) {
		dir, known := packages[proof[1]]
		if !known {
			t.Errorf("%s is of a package that this test does not know", proof[0])
			continue
		}
		if !declares(t, dir, proof[2]) {
			t.Errorf("there is no %s", proof[0])
		}
		if script := proof[3]; script != "" {
			if _, err := os.Stat(filepath.Join(dir, "testdata", "script", script+".txtar")); err != nil {
				t.Error(err)
			}
		}
	}
}

func declares(t *testing.T, dir, test string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "func "+test+"(") {
			return true
		}
	}
	return false
}
