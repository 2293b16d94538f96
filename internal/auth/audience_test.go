package auth

import (
	"net/url"
	"strings"
	"testing"
)

func TestAudience(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, url string
		kind      Kind
		want      string
	}{
		{name: "Cloud Run", url: "https://hello-1234567890-uc.a.run.app/v1/x?q=1#f", kind: Auto, want: "https://hello-1234567890-uc.a.run.app"},
		{name: "default port", url: "https://hello.example:443/x", kind: IDToken, want: "https://hello.example"},
		{name: "other port", url: "http://127.0.0.1:8080/x", kind: IDToken, want: "http://127.0.0.1:8080"},
		{name: "function, first generation's name", url: "https://us-central1-p.cloudfunctions.net/resize/a/b", kind: IDToken, want: "https://us-central1-p.cloudfunctions.net/resize"},
		{name: "traffic tag", url: "https://blue---hello-1234567890-uc.a.run.app/x", kind: IDToken, want: "https://hello-1234567890-uc.a.run.app"},
		{name: "access tokens have none", url: "https://storage.googleapis.com/x", kind: AccessToken, want: ""},
		{name: "IAP's signed JWT", url: "https://app.example/path/x?q=1", kind: IAPJWT, want: "https://app.example/path/x"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := Audience(c.kind, u); got != c.want {
				t.Errorf("Audience(%s) = %q, want %q", c.url, got, c.want)
			}
		})
	}
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	for audience, want := range map[string]string{
		"https://hello-1.us-central1.run.app":          "",
		"https://hello-1.us-central1.run.app/":         "ends in a slash",
		"https://hello-1.us-central1.run.app/v1":       "has a path",
		"https://hello-1.us-central1.run.app:443":      "has a port",
		"https://a---hello-1.us-central1.run.app":      "has a traffic tag",
		"https://us-central1-p.cloudfunctions.net/fn":  "",
		"1-a.apps.googleusercontent.com":               "",
		"http://127.0.0.1:8080":                        "",
		"https://b---x-1.us-central1.run.app:8443/a/b": "has a path; has a port; has a traffic tag",
	} {
		var got []string
		for _, doubt := range Doubts(IDToken, audience) {
			head, _, _ := strings.Cut(doubt, ";")
			got = append(got, head)
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("Doubts(%s) = %q, want %q", audience, text, want)
		}
	}
}

func TestImpersonated(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@p.iam:generateAccessToken": "a@p.iam",
		"https://example.com/": "",
		"":                     "",
	} {
		if got := impersonated(endpoint); got != want {
			t.Errorf("impersonated(%q) = %q, want %q", endpoint, got, want)
		}
	}
}

func FuzzExpiry(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.AA", "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, token string) { _, _ = expiry(token) })
}
