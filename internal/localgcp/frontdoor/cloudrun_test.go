package frontdoor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/frontdoor"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
)

func (w world) cloudRun(t testing.TB, change func(*frontdoor.CloudRun)) (http.Handler, *seen) {
	t.Helper()
	app := &seen{}
	settings := frontdoor.CloudRun{
		Audiences: []string{origin, "https://hello.example.com"},
		Resource:  service,
		Keys:      w.issuer.IDTokenKeys(),
		Directory: w.directory,
		App:       app,
	}
	if change != nil {
		change(&settings)
	}
	door, err := settings.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return door, app
}

func TestCloudRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	expired, err := issuer.Open(t.TempDir(), func() time.Time { return time.Now().Add(-2 * time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	old, err := expired.IDToken(issuer.IDToken{Subject: "1", Audience: origin})
	if err != nil {
		t.Fatal(err)
	}
	good := w.idToken(t, caller, origin)
	hidden := func(c *frontdoor.CloudRun) { c.Hidden = true }
	const badToken = `Bearer error="invalid_token" error_description="The access token could not be verified"`
	tests := []struct {
		name      string
		header    http.Header
		change    func(*frontdoor.CloudRun)
		want      int
		page      string
		challenge string
	}{
		{name: "invoker", header: bearer(good), want: 200},
		{name: "invoker with a custom audience", header: bearer(w.idToken(t, caller, "https://hello.example.com")), want: 200},
		{name: "invoker without an email claim", header: bearer(w.issue(t, issuer.IDToken{Subject: w.account(t, caller).ID, Audience: origin})), want: 200},
		{name: "scheme in lower case", header: http.Header{"Authorization": {"bearer " + good}}, want: 200},
		{name: "no token", want: 403, page: "403.html"},
		{name: "another scheme", header: http.Header{"Authorization": {"Basic eDp5"}}, want: 403, page: "403.html"},
		{name: "not an invoker", header: bearer(w.idToken(t, stranger, origin)), want: 403, page: "403.html"},
		{name: "somebody unknown", header: bearer(w.issue(t, issuer.IDToken{Subject: "1", Audience: origin})), want: 403, page: "403.html"},
		{name: "email of an invoker, subject of another", header: bearer(w.issue(t, issuer.IDToken{Subject: w.account(t, stranger).ID, Email: caller, Audience: origin})), want: 403, page: "403.html"},
		{name: "wrong audience", header: bearer(w.idToken(t, caller, origin+"/path")), want: 401, page: "401.html", challenge: badToken},
		{name: "audience of another port", header: bearer(w.idToken(t, caller, "http://127.0.0.1:8081")), want: 401, page: "401.html", challenge: badToken},
		{name: "access token", header: bearer(w.accessToken(t, caller)), want: 401, page: "401.html", challenge: badToken},
		{name: "garbage", header: bearer("garbage"), want: 401, page: "401.html", challenge: badToken},
		{name: "two tokens", header: bearer(good + " " + good), want: 401, page: "401.html", challenge: badToken},
		{name: "two headers", header: http.Header{"Authorization": {"Bearer " + good, "Bearer " + good}}, want: 401, page: "401.html", challenge: badToken},
		{name: "expired, by a foreign key", header: bearer(old), want: 401, page: "401.html", challenge: badToken},
		{name: "token without its signature", header: bearer(good[:strings.LastIndex(good, ".")] + ".SIGNATURE_REMOVED_BY_GOOGLE"), want: 401, page: "401.html", challenge: badToken},
		{name: "hidden", header: bearer(good), change: hidden, want: 404, page: "404.html"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			door, app := w.cloudRun(t, tt.change)
			answer := ask(door, http.MethodPost, "/a%3Cb%3E", tt.header)
			if answer.Code != tt.want || answer.Header().Get("WWW-Authenticate") != tt.challenge {
				t.Errorf("got %d %q, want %d %q", answer.Code, answer.Header().Get("WWW-Authenticate"), tt.want, tt.challenge)
			}
			if (app.header != nil) != (tt.want == 200) {
				t.Errorf("the application was asked: %v, status %d", app.header != nil, answer.Code)
			}
			if tt.page != "" {
				golden(t, tt.page, answer.Body.String())
				if got := answer.Header().Get("Content-Type"); got != "text/html; charset=UTF-8" {
					t.Errorf("got content type %q, want HTML", got)
				}
			}
		})
	}
}

func TestCloudRunServerlessHeader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := "Bearer " + w.idToken(t, caller, origin)
	stripped := good[:strings.LastIndex(good, ".")] + ".SIGNATURE_REMOVED_BY_GOOGLE"
	tests := []struct {
		name                              string
		authorization, serverless         string
		want                              int
		wantAuthorization, wantServerless string
	}{
		{name: "Authorization alone loses its signature", authorization: good, want: 200, wantAuthorization: stripped},
		{name: "X-Serverless-Authorization alone", serverless: good, want: 200, wantServerless: stripped},
		{name: "Authorization is the application's beside the other", authorization: "Bearer app", serverless: good, want: 200, wantAuthorization: "Bearer app", wantServerless: stripped},
		{name: "a bad other is not made good by Authorization", authorization: good, serverless: "Bearer bad", want: 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			for name, value := range map[string]string{"Authorization": tt.authorization, "X-Serverless-Authorization": tt.serverless} {
				if value != "" {
					header.Set(name, value)
				}
			}
			door, app := w.cloudRun(t, nil)
			if answer := ask(door, http.MethodGet, "/", header); answer.Code != tt.want {
				t.Errorf("got %d, want %d", answer.Code, tt.want)
			}
			if app.header.Get("Authorization") != tt.wantAuthorization || app.header.Get("X-Serverless-Authorization") != tt.wantServerless {
				t.Errorf("the application got %v", app.header)
			}
		})
	}
}

func TestCloudRunPublicService(t *testing.T) {
	t.Parallel()
	w := newWorld(t, iam.Binding{Role: "roles/run.invoker", Members: []string{iam.AllUsers}, Resource: service})
	for _, header := range []http.Header{{}, bearer("the app's own")} {
		door, app := w.cloudRun(t, nil)
		if answer := ask(door, http.MethodGet, "/", header.Clone()); answer.Code != http.StatusOK || app.header.Get("Authorization") != header.Get("Authorization") {
			t.Errorf("got %d, application got %v, want 200 and %v", answer.Code, app.header, header)
		}
	}
}

func TestDoorsNeedAnAudience(t *testing.T) {
	t.Parallel()
	if _, err := (frontdoor.CloudRun{}).Handler(t.Context()); err == nil {
		t.Error("got no error")
	}
	if _, err := (frontdoor.JWTAuthn{}).Handler(t.Context()); err == nil {
		t.Error("got no error from Envoy's filter")
	}
}

func TestCloudRunWhileAPolicySpreads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	door, err := frontdoor.CloudRun{
		Audiences: []string{origin}, Resource: service, Unsettled: 1, Keys: w.issuer.IDTokenKeys(), Directory: w.directory, App: &seen{},
	}.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{403, 200, 200} {
		if answer := ask(door, http.MethodGet, "/", bearer(w.idToken(t, caller, origin))); answer.Code != want {
			t.Errorf("call %d: got %d, want %d", i+1, answer.Code, want)
		}
	}
}
