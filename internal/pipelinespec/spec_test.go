package pipelinespec_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// read gives a file of testdata.
func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// edited parses a file of testdata after replacing texts in it, given as pairs.
func edited(t testing.TB, name string, oldnew ...string) (*pipelinespec.Spec, error) {
	t.Helper()
	text := read(t, name)
	for i := 0; i+1 < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("%s has no %q", name, oldnew[i])
		}
		text = strings.Replace(text, oldnew[i], oldnew[i+1], 1)
	}
	return pipelinespec.Parse([]byte(text))
}

// parsed is edited where the result has to parse.
func parsed(t testing.TB, name string, oldnew ...string) *pipelinespec.Spec {
	t.Helper()
	spec, err := edited(t, name, oldnew...)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// message is the text of an error, "" for none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// wantMessage checks that an error says all of want; an empty want means no error.
func wantMessage(t *testing.T, err error, want ...string) {
	t.Helper()
	got := message(err)
	if len(want) == 0 && got != "" {
		t.Errorf("got error %q, want none", got)
	}
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got error\n%s\nwant it to say\n%s", got, w)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(read(t, name), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
