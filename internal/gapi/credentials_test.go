package gapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/oauth2/google"
)

func TestPrincipal(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, json, want string }{
		{name: "user", json: `{"type": "authorized_user", "account": "dev@example.com"}`, want: "user:dev@example.com"},
		{name: "user that is not named", json: `{"type": "authorized_user"}`},
		{name: "key", json: `{"type": "service_account", "client_email": "sa@p.iam.gserviceaccount.com"}`, want: "serviceAccount:sa@p.iam.gserviceaccount.com"},
		{
			name: "impersonated",
			json: `{"service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/sa@p.iam.gserviceaccount.com:generateAccessToken"}`,
			want: "serviceAccount:sa@p.iam.gserviceaccount.com",
		},
		{name: "not JSON", json: `nonsense`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Principal(t.Context(), &google.Credentials{JSON: []byte(c.json)}); got != c.want {
				t.Errorf("Principal() = %q, want %q", got, c.want)
			}
		})
	}
	if got := Principal(t.Context(), nil); got != "" {
		t.Errorf("Principal(nil) = %q, want none", got)
	}
}

func TestPrincipalOfAMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/default/email") {
			_, _ = w.Write([]byte("vm@p.iam.gserviceaccount.com"))
		}
	}))
	defer server.Close()
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(server.URL, "http://"))
	if got, want := Principal(t.Context(), new(google.Credentials)), "serviceAccount:vm@p.iam.gserviceaccount.com"; got != want {
		t.Errorf("Principal() = %q, want %q", got, want)
	}
}

func TestFindCredentials(t *testing.T) {
	user := `{"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r"}`
	key := `{"type": "service_account", "client_email": "a@b", "private_key": "k"}`
	cases := []struct {
		name, file string // file is the content; empty: no such file
		adc        string
		wantErr    string
	}{
		{name: "the given file", file: user},
		{name: "another type than a user's", file: key, wantErr: "service_account"},
		{name: "no such file", wantErr: "no such file"},
		{name: "not JSON", file: "{", wantErr: "JSON"},
		{name: "ADC", adc: user},
		{name: "ADC that is broken", adc: "{", wantErr: "Application Default Credentials"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := "/nonexistent/adc.json"
			switch {
			case c.adc != "":
				t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", writeFile(t, "adc.json", c.adc))
				file = ""
			case c.file != "":
				file = writeFile(t, "user.json", c.file)
			}
			creds, err := FindCredentials(t.Context(), file)
			if !matches(err, c.wantErr) {
				t.Fatalf("FindCredentials() error = %v, want %q", err, c.wantErr)
			}
			if err != nil && !IsKind(err, Credentials) {
				t.Errorf("error is of no kind %q: %v", Credentials, err)
			}
			if err == nil && creds.TokenSource == nil {
				t.Error("no token source")
			}
		})
	}
}
