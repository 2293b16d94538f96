package authpipe

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/exitcode"
)

func TestLocalAdvance(t *testing.T) {
	t.Parallel()
	google := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/local/clock:advance" {
			t.Errorf("got %s %s, %v", r.Method, r.URL, err)
		}
		switch string(body) {
		case `{"seconds":5400}`:
			_, _ = io.WriteString(w, `{"time": "2030-01-02T03:04:05Z"}`)
		case `{"seconds":1}`:
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error": {"message": "too short."}}`)
		default:
			_, _ = io.WriteString(w, `<html>`)
		}
	}))
	t.Cleanup(google.Close)
	tests := []struct {
		name     string
		endpoint string
		args     []string
		code     int
		out, err string
	}{
		{"for people", google.URL, []string{"1h30m"}, exitcode.OK, "", "is now 2030-01-02T03:04:05Z"},
		{"for machines", google.URL + "/", []string{"90m", "-o", "json"}, exitcode.OK, `"time": "2030-01-02T03:04:05Z"`, ""},
		{"refused", google.URL, []string{"1s"}, exitcode.Unreachable, "", "400 Bad Request: too short"},
		{"another server", google.URL, []string{"2s"}, exitcode.Unreachable, "", "no local Google's answer"},
		{"nobody there", "http://127.0.0.1:1", []string{"2s"}, exitcode.Unreachable, "", "to fix: authpipe local up"},
		{"none known", "", []string{"2s"}, exitcode.Usage, "", "AUTHPIPE_LOCAL_ENDPOINT is not set; to fix: authpipe local up --env-file"},
		{"no duration", google.URL, []string{"tomorrow"}, exitcode.Usage, "", `got "tomorrow", want a positive one`},
		{"backwards", google.URL, []string{"--", "-1h"}, exitcode.Usage, "", `got "-1h", want a positive one`},
		{"nothing", google.URL, nil, exitcode.Usage, "", "DURATION is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, &fakeService{})
			w.http = google.Client()
			w.defaults.LocalEndpoint = tt.endpoint
			code := w.run(t.Context(), append([]string{"local", "advance"}, tt.args...)...)
			if code != tt.code || !strings.Contains(w.out.String(), tt.out) || !strings.Contains(w.err.String(), tt.err) {
				t.Errorf("exit code = %d, stdout %q, stderr %q; want %d, %q, %q", code, w.out.String(), w.err.String(), tt.code, tt.out, tt.err)
			}
			if (w.out.Len() > 0) != (tt.out != "") {
				t.Errorf("stdout = %q", w.out.String())
			}
		})
	}
}
