package diagnose

import "testing"

// What a service answers ends up on terminals.
func TestExcerptHoldsNothingThatATerminalObeys(t *testing.T) {
	t.Parallel()
	if got, want := excerpt([]byte("no \x1b[2J\x1b]0;owned\x07\nreally")), "no \ufffd[2J\ufffd]0;owned\ufffd really"; got != want {
		t.Errorf("excerpt() = %q, want %q", got, want)
	}
}
