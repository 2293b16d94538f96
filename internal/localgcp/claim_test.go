package localgcp

import (
	"os"
	"testing"
)

func TestOneServerSendsFromAStateDirectory(t *testing.T) {
	t.Parallel()
	o := Options{StateDir: t.TempDir()}
	first, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	second := start(t, o)
	if first.claimed("pubsub") != first.state.path("pubsub") {
		t.Errorf("got %s, want the first to send from the state directory", first.claimed("pubsub"))
	}
	own := second.claimed("pubsub")
	if own == first.claimed("pubsub") {
		t.Error("both send from one directory")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	third := start(t, o)
	if third.claimed("pubsub") != third.state.path("pubsub") {
		t.Errorf("got %s, want that the next one goes on", third.claimed("pubsub"))
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(second.claim.dir); !os.IsNotExist(err) {
		t.Errorf("got %v, want that nothing is left of the one beside it", err)
	}
}
