package auth

import (
	"net/url"
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

func TestImpersonated(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@p.iam:generateAccessToken": "a@p.iam",
		"https://example.com/": "",
		"":                     "",
	} {
		if got := impersonated(url); got != want {
			t.Errorf("impersonated(%q) = %q, want %q", url, got, want)
		}
	}
}

func FuzzExpiry(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.AA", "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, token string) { _, _ = expiry(token) })
}
