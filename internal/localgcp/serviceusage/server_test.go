package serviceusage_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/serviceusage"
)

const (
	admin = "admin@example.com"
	user  = "user@example.com"
)

func TestEnable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, who, call string
		want            int
		enabled         bool
	}{
		{"by one who may", admin, "x.googleapis.com:enable", 200, true},
		{"by one who may not", user, "x.googleapis.com:enable", 403, false},
		{"an unknown API", admin, "y.googleapis.com:enable", 404, false},
		{"another verb", admin, "x.googleapis.com:disable", 404, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := iam.NewDirectory(iam.Config{
				Users:    []string{admin, user},
				Bindings: []iam.Binding{{Role: "roles/serviceusage.serviceUsageAdmin", Members: []string{"user:" + admin}, Resource: "projects/p"}},
				Secret:   []byte(strings.Repeat("s", 32)),
			})
			if err != nil {
				t.Fatal(err)
			}
			api := &apifront.Front{Service: "x.googleapis.com", Disabled: true, Callers: d}
			mux := http.NewServeMux()
			mux.HandleFunc("POST /v1/projects/{project}/services/{call}", serviceusage.New(&apifront.Front{Callers: d}, d, api).Enable())
			mux.HandleFunc("POST /x", api.Handle("x", func(iam.Principal, *http.Request) (any, error) { return nil, nil }))
			if got := post(t, mux, d, tt.who, "/v1/projects/p/services/"+tt.call); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
			if got := post(t, mux, d, tt.who, "/x") == 200; got != tt.enabled {
				t.Errorf("the API is enabled: %v, want %v", got, tt.enabled)
			}
		})
	}
}

func post(t testing.TB, h http.Handler, d *iam.Directory, who, path string) int {
	t.Helper()
	p, _ := d.Lookup(who)
	token, _, err := d.AccessToken(p, []string{iam.CloudPlatform}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}
