package executor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFileWantsAPlaceForAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := CreateBeside(dir); err == nil || !strings.Contains(err.Error(), dir+" is a folder, want a file") {
		t.Errorf("got %v, want that it is a folder", err)
	}
}

// What is in the way meanwhile must cost no more than the answer.
func TestFileThatCannotBePublishedIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	f, err := CreateBeside(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Publish(); err == nil {
		t.Error("it was published over a folder")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("got %v, %v, want the folder alone", left, err)
	}
}
