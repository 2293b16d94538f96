package logging

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log, err := New(&b, Options{Level: "info", Format: "text"})
	if err != nil {
		t.Fatal(err)
	}
	log.Debug().Msg("unseen")
	log.Info().Str("k", "v").Msg("said")
	log.Warn().Msg("minded")
	if want := "INFO  said k=v\nWARN  minded\n"; b.String() != want {
		t.Errorf("log %q, want %q", b.String(), want)
	}
}

func TestJSONHasGooglesSeverity(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log, err := New(&b, Options{Level: "debug", Format: "json"})
	if err != nil {
		t.Fatal(err)
	}
	log.Debug().Msg("a")
	log.Info().Msg("b")
	log.Warn().Msg("c")
	log.Error().Msg("d")
	var severities []string
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		var entry struct{ Severity, Message, Time string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Message == "" || entry.Time == "" {
			t.Errorf("line %s: %v", line, err)
		}
		severities = append(severities, entry.Severity)
	}
	if got := strings.Join(severities, " "); got != "DEBUG INFO WARNING ERROR" {
		t.Errorf("severities %q", got)
	}
}

func TestUnknownOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{Level: "loud", Format: "text"}, {Level: "", Format: "text"}, {Level: "info", Format: "xml"}} {
		if _, err := New(&bytes.Buffer{}, o); err == nil {
			t.Errorf("New(%+v): want an error", o)
		}
	}
}
