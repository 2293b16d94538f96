package localgcp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

// record collects what servers log at once.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func TestRequestsAreLoggedWithoutTheirTokens(t *testing.T) {
	t.Parallel()
	log := &record{}
	s, err := Start(t.Context(), Options{StateDir: t.TempDir(), Log: zerolog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	developer, err := s.principal("developer@example.com")
	if err != nil {
		t.Fatal(err)
	}
	access, _, err := s.directory.AccessToken(developer, []string{iam.CloudPlatform}, developerTokenLife)
	if err != nil {
		t.Fatal(err)
	}
	mint := "/v1/projects/-/serviceAccounts/" + callerAccount + ":generateIdToken"
	_, body := fetch(t, http.MethodPost, s.apiURL+mint, `{"audience":"`+s.ServiceURL("hello")+`"}`, http.Header{"Authorization": {"Bearer " + access}})
	var minted struct{ Token string }
	if err := json.Unmarshal([]byte(body), &minted); err != nil || minted.Token == "" {
		t.Fatalf("got %s, want a token", body)
	}
	fetch(t, http.MethodGet, s.ServiceURL("hello")+"/path", "", http.Header{"Authorization": {"Bearer " + minted.Token}})
	fetch(t, http.MethodGet, s.apiURL+"/tokeninfo?access_token="+url.QueryEscape(access), "", nil)
	fetch(t, http.MethodGet, s.apiURL+"/nothing", "", nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text := log.text.String()
	for _, want := range []string{`"path":"` + mint + `","status":200`, `"path":"/path","status":200`, `"path":"/tokeninfo","status":200`, `"path":"/nothing","status":404`} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	for name, token := range map[string]string{"access token": access, "ID token": minted.Token, "any access token": "ya29.", "any JWT": "eyJ"} {
		if strings.Contains(text, token) {
			t.Errorf("the log shows the %s", name)
		}
	}
}
