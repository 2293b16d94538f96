package need

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Variable is the environment variable that turns a skip into a failure: a list
// of things separated by commas, or all.
const Variable = "TEST_REQUIRE"

// Program returns the path of a program that the test starts; without it the
// test is skipped, or fails where Variable names it.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name, err.Error())
	}
	return path
}

// Missing ends the test because a thing that it needs is not here.
func Missing(t testing.TB, thing, why string) {
	t.Helper()
	if Required(os.Getenv(Variable), thing) {
		t.Fatalf("%s is required by %s=%s: %s", thing, Variable, os.Getenv(Variable), why)
	}
	t.Skipf("without %s: %s", thing, why)
}

// Time ends a test that takes long, for what it does, where a short run is asked
// for (go test -short).
func Time(t testing.TB, does string) {
	t.Helper()
	if testing.Short() {
		Missing(t, "time", "the run is to be short, and the test "+does)
	}
}

// Required says whether the value of Variable demands the thing.
func Required(value, thing string) bool {
	things := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(things, thing) || slices.Contains(things, "all")
}
