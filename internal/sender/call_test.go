package sender

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const account = "caller@my-project.iam.gserviceaccount.com"

func text(s string) *string { return &s }

// settings are those of a good call, changed.
func settings(change func(*Settings)) Settings {
	s := Settings{URL: text("https://hello-123.us-central1.run.app/run?x=1"), ServiceAccount: text(account)}
	if change != nil {
		change(&s)
	}
	return s
}

func TestApply(t *testing.T) {
	t.Parallel()
	const run = "https://hello-123.us-central1.run.app"
	call := func(change func(*Call)) Call {
		c := Call{URL: run + "/run?x=1", Token: Token{ServiceAccount: account, Audience: run}}
		if change != nil {
			change(&c)
		}
		return c
	}
	cases := []struct {
		name   string
		from   Call
		change func(*Settings)
		want   Call
	}{
		{name: "the audience of Cloud Run", want: call(nil)},
		{name: "of a function", change: func(s *Settings) { s.URL = text("https://us-central1-p.cloudfunctions.net/f/x") }, want: call(func(c *Call) {
			c.URL, c.Token.Audience = "https://us-central1-p.cloudfunctions.net/f/x", "https://us-central1-p.cloudfunctions.net/f"
		})},
		{name: "of a function at another host", change: func(s *Settings) { s.URL, s.Function = text("https://f.example.com/f/x"), true }, want: call(func(c *Call) {
			c.URL, c.Token.Audience = "https://f.example.com/f/x", "https://f.example.com/f"
		})},
		{name: "that is given", change: func(s *Settings) { s.Audience = text("1-a.apps.googleusercontent.com") }, want: call(func(c *Call) {
			c.Token.Audience = "1-a.apps.googleusercontent.com"
		})},
		{name: "a Google API", change: func(s *Settings) { s.URL = text("https://us-central1-aiplatform.googleapis.com/v1/x") }, want: call(func(c *Call) {
			c.URL = "https://us-central1-aiplatform.googleapis.com/v1/x"
			c.Token = Token{ServiceAccount: account, Scope: CloudPlatform}
		})},
		{name: "a scope of one", change: func(s *Settings) {
			s.URL, s.Scope = text("https://storage.googleapis.com/b"), text("https://www.googleapis.com/auth/devstorage.read_only")
		}, want: call(func(c *Call) {
			c.URL = "https://storage.googleapis.com/b"
			c.Token = Token{ServiceAccount: account, Scope: "https://www.googleapis.com/auth/devstorage.read_only"}
		})},
		{name: "a body that is JSON says so", change: func(s *Settings) { s.Body, s.Method = []byte(`{"a":1}`), text("put") }, want: call(func(c *Call) {
			c.Body, c.Method, c.Headers = []byte(`{"a":1}`), "PUT", map[string]string{"Content-Type": "application/json"}
		})},
		{name: "unless another type is said", change: func(s *Settings) {
			s.Body, s.Headers = []byte(`{"a":1}`), map[string]string{"content-type": "application/cloudevents+json"}
		}, want: call(func(c *Call) {
			c.Body, c.Headers = []byte(`{"a":1}`), map[string]string{"Content-Type": "application/cloudevents+json"}
		})},
		{name: "headers are added and taken away", from: Call{Headers: map[string]string{"X-A": "1", "X-B": "2"}}, change: func(s *Settings) {
			s.Headers = map[string]string{"x-a": "", "x-c": "3"}
		}, want: call(func(c *Call) { c.Headers = map[string]string{"X-B": "2", "X-C": "3"} })},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := settings(c.change).Apply(c.from)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

// An update changes what it names, and the audience with the URL that it fitted.
func TestApplyToACallThatIsThere(t *testing.T) {
	t.Parallel()
	const here, there = "https://here-1.us-central1.run.app", "https://there-1.us-central1.run.app"
	cases := []struct {
		name     string
		have     Token
		url      string
		settings Settings
		want     Token
	}{
		{name: "another schedule alone", have: Token{account, here, ""}, url: here + "/x", want: Token{account, here, ""}},
		{name: "a URL takes its audience along", have: Token{account, here, ""}, url: here + "/x", settings: Settings{URL: text(there + "/y")}, want: Token{account, there, ""}},
		{name: "an audience that was the URL too", have: Token{account, here + "/x", ""}, url: here + "/x", settings: Settings{URL: text(there + "/y")}, want: Token{account, there, ""}},
		{name: "a chosen audience stays", have: Token{account, "custom", ""}, url: here + "/x", settings: Settings{URL: text(there)}, want: Token{account, "custom", ""}},
		{name: "from an API to a service", have: Token{account, "", CloudPlatform}, url: "https://x.googleapis.com/", settings: Settings{URL: text(here + "/x")}, want: Token{account, here, ""}},
		{name: "from a service to an API", have: Token{account, here, ""}, url: here, settings: Settings{URL: text("https://x.googleapis.com/")}, want: Token{account, "", CloudPlatform}},
		{name: "a narrow scope stays", have: Token{account, "", "narrow"}, url: "https://x.googleapis.com/", settings: Settings{URL: text("https://x.googleapis.com/y")}, want: Token{account, "", "narrow"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.settings.Apply(Call{URL: c.url, Token: c.have})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Token); diff != "" {
				t.Errorf("token (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Settings)
		want   string
	}{
		{"no URL", func(s *Settings) { s.URL = nil }, "the URL to call is missing"},
		{"a path", func(s *Settings) { s.URL = text("/run") }, "want https://HOST"},
		{"another scheme", func(s *Settings) { s.URL = text("ftp://hello.example.com") }, "want https://HOST"},
		{"plain http", func(s *Settings) { s.URL = text("http://hello.example.com") }, "in the clear"},
		{"a user in the URL, whose password is not shown", func(s *Settings) { s.URL = text("https://u:secret@hello.example.com") }, "https://u:xxxxx@"},
		{"no account", func(s *Settings) { s.ServiceAccount = nil }, "the service account is missing"},
		{"a person", func(s *Settings) { s.ServiceAccount = text("me@example.com") }, `got "me@example.com", want NAME@PROJECT`},
		{"a method", func(s *Settings) { s.Method = text("BREW") }, `method "BREW": want one of POST`},
		{"a body with GET", func(s *Settings) { s.Method, s.Body = text("GET"), []byte("x") }, "a body does not go with method GET"},
		{"the token's own header", func(s *Settings) { s.Headers = map[string]string{"authorization": "x"} }, "the sender's token goes there"},
		{"Google's own header", func(s *Settings) { s.Headers = map[string]string{"X-Google-A": "x"} }, "Google sets it"},
		{"a header with a line break", func(s *Settings) { s.Headers = map[string]string{"X-A": "x\ny"} }, "header X-A"},
		{"a header with a space", func(s *Settings) { s.Headers = map[string]string{"X A": "x"} }, "not a name"},
		{"an access token for somebody else", func(s *Settings) { s.Scope = text(CloudPlatform) }, "goes to Google's APIs alone"},
		{"an ID token for an API", func(s *Settings) { s.URL, s.Audience = text("https://x.googleapis.com"), text("x") }, "takes no ID token"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := settings(c.change).Apply(Call{})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("Apply() error = %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	if got := (Token{account, "https://hello.example.com/path", ""}).Doubts(); len(got) != 1 || !strings.Contains(got[0], "has a path") {
		t.Errorf("Doubts() = %q, want one about the path", got)
	}
	if got := (Token{ServiceAccount: account, Scope: CloudPlatform}).Doubts(); got != nil {
		t.Errorf("Doubts() = %q of an access token", got)
	}
}
