package sender

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/authcall/authcall/internal/auth"
)

// CloudPlatform is the scope of access tokens for Google's APIs.
const CloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// Token is what a sender puts on its calls: an ID token for the audience, or,
// where there is a scope, an access token.
type Token struct{ ServiceAccount, Audience, Scope string }

// IsGoogleAPI tells whether a URL is that of one of Google's APIs, which take
// access tokens only.
func IsGoogleAPI(target *url.URL) bool {
	return strings.HasSuffix(target.Hostname(), ".googleapis.com")
}

// token is the one that goes with the changed URL. An audience that fitted the
// old URL follows it; any other one was chosen and stays.
func (s Settings) token(from Call, target *url.URL) Token {
	token := from.Token
	set(&token.ServiceAccount, s.ServiceAccount)
	switch {
	case s.Scope != nil:
		token.Scope, token.Audience = *s.Scope, ""
	case s.Audience != nil:
		token.Scope, token.Audience = "", *s.Audience
	case IsGoogleAPI(target):
		token.Audience = ""
		if token.Scope == "" {
			token.Scope = CloudPlatform
		}
	case s.URL != nil || token.Audience == "":
		token.Scope = ""
		if token.Audience == "" || s.followed(from) {
			token.Audience = s.audience(target)
		}
	}
	return token
}

// audience is the one that fits a URL.
func (s Settings) audience(target *url.URL) string {
	if !s.Function {
		return auth.Audience(auth.IDToken, target)
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(target.Path, "/"), "/")
	return target.Scheme + "://" + target.Host + "/" + name
}

// followed tells whether the audience is the one that fits the URL, or the URL
// itself, which senders take where they are given none.
func (s Settings) followed(c Call) bool {
	u, err := url.Parse(c.URL)
	return err == nil && (c.Token.Audience == s.audience(u) || c.Token.Audience == c.URL)
}

var accountPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^@\s:/"']+@([-a-z0-9]+\.)+gserviceaccount\.com$`)
})

func (t Token) check(target *url.URL) error {
	switch {
	case t.ServiceAccount == "":
		return errors.New("the service account is missing whose token is sent")
	case !accountPattern().MatchString(t.ServiceAccount):
		return fmt.Errorf("service account: got %q, want NAME@PROJECT.iam.gserviceaccount.com", t.ServiceAccount)
	case t.Scope != "" && !IsGoogleAPI(target) && !isLoopback(target.Hostname()):
		return fmt.Errorf("scope %q: an access token goes to Google's APIs alone, not to %s", t.Scope, target.Host)
	case t.Scope == "" && IsGoogleAPI(target):
		return fmt.Errorf("audience %q: %s takes no ID token; leave the audience out", t.Audience, target.Host)
	}
	return nil
}

// Doubts says what about the token most often leads to a 401.
func (t Token) Doubts() []string {
	if t.Scope != "" {
		return nil
	}
	return auth.Doubts(auth.IDToken, t.Audience)
}
