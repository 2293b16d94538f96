package secret

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/api/googleapi"
)

const version = "projects/p/secrets/key/versions/latest"

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		version: true,
		"projects/123/secrets/my_key-1/versions/7":              true,
		"projects/p/locations/us-central1/secrets/k/versions/1": true,
		"projects/example.com:p/secrets/k/versions/1":           true,
		"": false, "key": false, "projects/p/secrets/key": false,
		"projects/p/secrets/key/versions/1:access":      false,
		"projects/p/secrets/../x/versions/1":            false,
		"projects/p/secrets/key/versions/1?alt=media":   false,
		"/projects/p/secrets/key/versions/1":            false,
		"projects/p/secrets/key/versions/1\nX-Other: y": false,
	} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("CheckName(%q) = %v, want good: %v", name, err, good)
		}
	}
}

func TestDefaultEndpoint(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		version: "https://secretmanager.googleapis.com/",
		"projects/p/locations/us-central1/secrets/k/versions/1": "https://secretmanager.us-central1.rep.googleapis.com/",
	} {
		if got := DefaultEndpoint("googleapis.com", name); got != want {
			t.Errorf("%s is at %s, want %s", name, got, want)
		}
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	sum := crc32.Checksum([]byte("hunter2"), crc32.MakeTable(crc32.Castagnoli))
	cases := []struct {
		name, answer string
		status       int
		want         string
		wantErr      string
	}{
		{name: "checked", answer: fmt.Sprintf(`{"payload":{"data":"aHVudGVyMg==","dataCrc32c":"%d"}}`, sum), want: "hunter2"},
		{name: "without checksum", answer: `{"payload":{"data":"aHVudGVyMg=="}}`, want: "hunter2"},
		{name: "damaged", answer: `{"payload":{"data":"aHVudGVyMw==","dataCrc32c":"1"}}`, wantErr: "its checksum differs"},
		{name: "not an answer", answer: `<html>hunter2</html>`, wantErr: "not a secret version"},
		{name: "refused", status: 403, answer: `{"error":{"code":403,"message":"denied"}}`, wantErr: "denied"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/"+version+":access" {
					t.Errorf("asked for %s", r.URL.Path)
				}
				if c.status != 0 {
					w.WriteHeader(c.status)
				}
				_, _ = io.WriteString(w, c.answer)
			}))
			defer server.Close()
			got, err := Client{HTTP: server.Client(), Endpoint: server.URL + "/"}.Access(t.Context(), version)
			if string(got) != c.want || (err == nil) != (c.wantErr == "") || err != nil && (!strings.Contains(err.Error(), c.wantErr) || strings.Contains(err.Error(), "hunter")) {
				t.Errorf("Access = %q, %v; want %q, %q", got, err, c.want, c.wantErr)
			}
			var refused *googleapi.Error
			if c.status != 0 && (!errors.As(err, &refused) || refused.Code != c.status) {
				t.Errorf("error %v, want a *googleapi.Error with status %d", err, c.status)
			}
		})
	}
}

func FuzzPayload(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"payload":{"data":"!!"}}`, `{"payload":{"data":null,"dataCrc32c":"-1"}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, answer string) { _, _ = payload(strings.NewReader(answer)) })
}
