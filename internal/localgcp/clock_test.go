package localgcp

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

func TestAdvance(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	old, err := os.ReadFile(s.accessTokenFile())
	if err != nil {
		t.Fatal(err)
	}
	before := s.clock.Now()
	code, body := fetch(t, http.MethodPost, s.apiURL+"/local/clock:advance", `{"seconds": 90000}`, nil)
	var answer struct{ Time time.Time }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || code != http.StatusOK {
		t.Fatalf("got %d %s, %v", code, body, err)
	}
	if ahead := answer.Time.Sub(before); ahead < 25*time.Hour || s.clock.Now().Before(answer.Time) {
		t.Errorf("got a time %v ahead, want 25h", ahead)
	}
	if _, err := s.directory.Authenticate(string(old)); !errors.Is(err, iam.ErrExpiredToken) {
		t.Errorf("yesterday's token: got %v, want that it has expired", err)
	}
	fresh, err := os.ReadFile(s.accessTokenFile())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.directory.Authenticate(string(fresh)); err != nil {
		t.Errorf("the token in the file after the day: %v", err)
	}
}

func TestAdvanceRefusesWhatIsNoTime(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for body, want := range map[string]string{
		`{}`:                    "more than 0",
		`{"seconds": -1}`:       "more than 0",
		`{"seconds": 1e300}`:    "at most",
		`{"seconds": "1h"}`:     "Invalid value at 'seconds'",
		`{"minutes": 1}`:        "Cannot find field",
		`{"seconds": 1} and so`: "one JSON object",
	} {
		if code, got := fetch(t, http.MethodPost, s.apiURL+"/local/clock:advance", body, nil); code != http.StatusBadRequest || !strings.Contains(got, want) {
			t.Errorf("%s: got %d %s, want 400 with %q", body, code, got, want)
		}
	}
}

func TestAccessTokenFileIsRenewedInTime(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	if err := os.Remove(s.accessTokenFile()); err != nil {
		t.Fatal(err)
	}
	for {
		s.clock.Advance(renewTokenAfter) // until the waiting one has begun to wait
		if _, err := os.Stat(s.accessTokenFile()); err == nil {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("the access token file is not renewed")
		}
	}
}
