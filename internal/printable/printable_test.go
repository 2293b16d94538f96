package printable_test

import (
	"testing"

	"github.com/authcall/authcall/internal/printable"
)

func TestLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"text", "Grüße, 世界 😀 «x»", "Grüße, 世界 😀 «x»"},
		{"lines", " a\r\n\tb\u00a0c ", "a b c"},
		{"colours", "\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"},
		{"a title, and a bell", "\x1b]0;owned\x07", "\ufffd]0;owned\ufffd"},
		{"eight bits", "\u009b31m", "\ufffd31m"},
		{"writing turned round", "a\u202eb", "ab"},
		{"no text", "a\xffb\x00", "a\ufffdb\ufffd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := printable.Line(tt.text); got != tt.want {
				t.Errorf("Line(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}
