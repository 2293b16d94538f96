package need_test

import (
	"testing"

	"github.com/authcall/authcall/tests/internal/need"
)

func TestRequired(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value string
		want  bool
	}{
		{"unset", "", false},
		{"all", "all", true},
		{"named", "gcloud", true},
		{"named among others", "python, gcloud", true},
		{"others", "python,docker", false},
		{"part of a name", "gcloud-beta", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := need.Required(tt.value, "gcloud"); got != tt.want {
				t.Errorf("Required(%q, gcloud) = %v, want %v", tt.value, got, tt.want)
			}
		})
	}
}

func TestProgramThatIsHere(t *testing.T) {
	t.Parallel()
	if path := need.Program(t, "go"); path == "" {
		t.Error("Program(go) gave no path")
	}
}
