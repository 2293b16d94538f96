package statefile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/authcall/authcall/internal/localgcp/statefile"
)

func TestCreateAndReplace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		put  func(path string, data []byte) error
		want string
	}{
		{"create leaves what is there", statefile.Create, "first"},
		{"replace does not", statefile.Replace, "second"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "a", "b")
			path := filepath.Join(dir, "file")
			for _, data := range []string{"first", "second"} {
				if err := tt.put(path, []byte(data)); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("got %v, %v, want mode 0600", info.Mode(), err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("got %v, %v, want no file beside it", entries, err)
			}
		})
	}
}

func TestUnwritableDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := statefile.Create(filepath.Join(file, "x"), nil); err == nil {
		t.Error("got no error below a file")
	}
	if err := statefile.Replace(filepath.Join(file, "x"), nil); err == nil {
		t.Error("got no error below a file")
	}
}
