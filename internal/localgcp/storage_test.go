package localgcp

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Clients that look at the bucket of a pipeline root take 403 for a bucket that
// they may not see, and go on.
func TestStorageIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, path := range []string{
		"/storage/v1/b/bucket", "/storage/v1/b/bucket/o/x", "/storage/v1/b/bucket/iam/testPermissions?permissions=x",
		"/upload/storage/v1/b/bucket/o", "/b/bucket",
	} {
		code, body := fetch(t, http.MethodGet, environment(s)["STORAGE_EMULATOR_HOST"]+path, "", nil)
		if code != http.StatusForbidden || !strings.Contains(body, `"reason": "forbidden"`) {
			t.Errorf("%s: got %d %s, want 403 forbidden", path, code, body)
		}
	}
}

func TestObjectsAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, Options{StateDir: dir})
	path := filepath.Join(dir, "gcs", "bucket", "folder", "index.html")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, object string
		code         int
		want         string
	}{
		{"there", "folder%2Findex.html", http.StatusOK, "content"},
		{"not there", "folder%2Fother", http.StatusNotFound, "No such object: bucket/folder/other"},
		{"a folder", "folder", http.StatusNotFound, "No such object"},
		{"out of the bucket", "..%2F..%2F..%2Fkeys%2Faccess-token.secret", http.StatusNotFound, "No such object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := environment(s)["STORAGE_EMULATOR_HOST"] + "/storage/v1/b/bucket/o/" + tt.object + "?alt=media"
			if code, body := fetch(t, http.MethodGet, url, "", nil); code != tt.code || !strings.Contains(body, tt.want) {
				t.Errorf("got %d %q, want %d with %q", code, body, tt.code, tt.want)
			}
		})
	}
}
