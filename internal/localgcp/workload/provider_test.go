package workload_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/workload"
)

// signer shows what it is asked to sign.
type signer struct{ err error }

func (s signer) SignJWT(name string, payload []byte) (keyID, token string, err error) {
	return "", name + string(payload), s.err
}

func provider(err error) workload.Provider {
	return workload.Provider{
		Issuer: "https://ci.example", Audience: "pool", RequestToken: "secret", Signer: signer{err},
		Now: func() time.Time { return time.Unix(1000, 0) },
	}
}

const wantToken = `workload-identity-provider{"aud":"pool","exp":2593000,"iat":1000,"iss":"https://ci.example","sub":"build"}`

func TestHandler(t *testing.T) {
	t.Parallel()
	inJSON, err := json.MarshalIndent(map[string]string{"value": wantToken}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path, header string
		signing            error
		want               int
		body               string
	}{
		{"text", "/idp/text/build", "", nil, 200, wantToken},
		{"JSON", "/idp/json/build", "Bearer secret", nil, 200, string(inJSON) + "\n"},
		{"JSON without request token", "/idp/json/build", "", nil, 401, "the request token is missing or wrong\n"},
		{"JSON with another request token", "/idp/json/build", "Bearer x", nil, 401, "the request token is missing or wrong\n"},
		{"no key for text", "/idp/text/build", "", errors.New("no key"), 500, "no key\n"},
		{"no key for JSON", "/idp/json/build", "Bearer secret", errors.New("no key"), 500, "no key\n"},
		{"another path", "/idp/xml/build", "", nil, 404, "404 page not found\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, tt.path, nil)
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			w := httptest.NewRecorder()
			provider(tt.signing).Handler().ServeHTTP(w, r)
			if diff := cmp.Diff(tt.body, w.Body.String()); w.Code != tt.want || diff != "" {
				t.Errorf("got %d, want %d (-want +got):\n%s", w.Code, tt.want, diff)
			}
		})
	}
}
