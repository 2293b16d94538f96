package auth

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/backoff"
)

func TestEmailIsNeverDefault(t *testing.T) {
	g := reset(t)
	g.set("email", times(1, text("default"), text("real@p.iam.gserviceaccount.com")))
	email, err := metadataEmail(t.Context())
	if err != nil || email != "real@p.iam.gserviceaccount.com" {
		t.Errorf("metadataEmail = %q, %v; want the real one", email, err)
	}
}

func TestUniverseOfTheMetadataServer(t *testing.T) {
	g := reset(t)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"not known": {nil, googleUniverse},
		"empty":     {text(""), googleUniverse},
		"another":   {text("example-cloud.test\n"), "example-cloud.test"},
	} {
		g.set("universe-domain", c.answer)
		if got, err := metadataUniverse(t.Context()); err != nil || got != c.want {
			t.Errorf("%s: metadataUniverse = %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestPatienceIsLongerWithAServerThatListens(t *testing.T) {
	t.Parallel()
	if u, err := url.Parse(shared.url); err != nil || !listens(t.Context(), u.Host) {
		t.Errorf("listens(%s) = false, want true", shared.url)
	}
	if listens(t.Context(), "127.0.0.1:1") {
		t.Error("listens on a closed port, want false")
	}
	if firstPatience+probePatience >= 5*time.Second {
		t.Errorf("a silent server is told of after %v, want within 5 s", firstPatience+probePatience)
	}
	ctx, cancel := metadataPatience("127.0.0.1:1")(t.Context())
	cancel()
	if err := backoff.Sleep(ctx, time.Hour); err == nil {
		t.Error("the wait goes on after it was cancelled")
	}
}

func TestKindFor(t *testing.T) {
	t.Parallel()
	cases := []struct {
		kind Kind
		url  string
		want Kind
	}{
		{Auto, "https://hello-1.us-central1.run.app/", IDToken},
		{Auto, "https://aiplatform.googleapis.com/v1/x", AccessToken},
		{Auto, "https://evilgoogleapis.com/", IDToken},
		{IDToken, "https://storage.googleapis.com/", IDToken},
		{None, "https://storage.googleapis.com/", None},
	}
	for _, c := range cases {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.kind.For(u); got != c.want {
			t.Errorf("%s.For(%s) = %s, want %s", c.kind, c.url, got, c.want)
		}
	}
}
