package diagnose

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/authcall/authcall/internal/auth"
	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/printable"
)

// Caller is who made a call, as far as it is known.
type Caller struct {
	// Principal is the ambient account.
	Principal string
	// CalledAs is the account whose token was sent.
	CalledAs string
	// Kind is the kind of token that was sent.
	Kind auth.Kind
	// Audience is the aud claim of that token.
	Audience string
}

// refused is an answer that is not a success, with all that a rule looks at.
type refused struct {
	answer *call.Answer
	head   []byte
	caller Caller
}

// rule knows one kind of refusal. The first that knows an answer explains it.
type rule struct {
	match   func(refused) bool
	explain func(refused) Finding
}

// Answer explains an answer that is not a success; head is the start of its
// body.
func Answer(a *call.Answer, head []byte, caller Caller) Finding {
	r := refused{answer: a, head: head, caller: caller}
	for _, known := range rules() {
		if known.match(r) {
			return known.explain(r)
		}
	}
	return Finding{Cause: r.said(excerpt(head)), Code: exitcode.Failed}
}

// Unfit explains an answer with which the caller can do nothing.
func Unfit(a *call.Answer, caller Caller, problem string) Finding {
	return Finding{
		Cause: refused{answer: a, caller: caller}.said(problem),
		Cure:  "see with authcall call what the service answers, and fit the options to that",
		Code:  exitcode.Failed,
	}
}

func rules() []rule {
	return []rule{
		{match: isSignIn, explain: explainSignIn},
		{match: isRedirect, explain: explainRedirect},
		{match: isIAP(http.StatusForbidden), explain: explainIAPForbidden},
		{match: isIAP(0), explain: explainIAP},
		{match: isGoogle(http.StatusUnauthorized), explain: explainUnauthorized},
		{match: isGoogle(http.StatusForbidden), explain: explainForbidden},
		{match: isGoogle(http.StatusNotFound), explain: explainHidden},
		{match: isGateway, explain: explainGateway},
		{match: isWrongToken, explain: explainWrongToken},
		{match: isBearer(http.StatusUnauthorized), explain: explainBearer},
	}
}

// said begins every message: what was tried, as whom, what came back.
func (r refused) said(what string) string {
	a := r.answer
	status := fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	text := fmt.Sprintf("%s %s%s: %s", a.Method, bare(a.URL), r.as(), strings.TrimSpace(status))
	if a.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", a.Attempts)
	}
	if what != "" {
		text += ": " + what
	}
	return text
}

// isRedirect knows a redirect that was not followed.
func isRedirect(r refused) bool {
	return r.answer.Status >= 300 && r.answer.Status <= 399 && r.answer.Header.Get("Location") != ""
}

func explainRedirect(r refused) Finding {
	f := Finding{Code: exitcode.Failed}
	to, err := r.answer.URL.Parse(r.answer.Header.Get("Location"))
	if err != nil {
		f.Cause = r.said("redirected to what is no URL")
		return f
	}
	f.Cause = r.said("redirected to " + bare(to) + ", which was not followed")
	f.Cure = "set url to " + bare(to)
	if call.SameOrigin(to, r.answer.URL) {
		f.Cure += ", or follow_redirects to true"
	}
	return f
}

// skew tells of clocks that differ, which makes good tokens look expired or
// not yet valid.
func (r refused) skew() string {
	const harmless = time.Minute
	theirs, err := http.ParseTime(r.answer.Header.Get("Date"))
	if err != nil || r.answer.Received.IsZero() {
		return ""
	}
	apart := r.answer.Received.Sub(theirs).Round(time.Second)
	switch {
	case apart > harmless:
		return fmt.Sprintf(" (this machine's clock is %v ahead of the service's)", apart)
	case apart < -harmless:
		return fmt.Sprintf(" (this machine's clock is %v behind the service's)", -apart)
	}
	return ""
}

func (r refused) as() string {
	switch {
	case r.caller.Kind == auth.None:
		return " without a credential"
	case r.caller.CalledAs != "":
		return " as " + r.caller.CalledAs
	}
	return ""
}

// tokens matches what looks like a JWT or an access token: a service may echo
// what it was sent, and a message may not.
const tokens = `eyJ[\w-]+\.[\w-]+\.[\w-]*|ya29\.[\w.~+/=-]+`

// excerpt is the start of a body on one line, fit for a message.
func excerpt(head []byte) string {
	const limit = 200
	text := regexp.MustCompile(tokens).ReplaceAllString(string(bytes.ToValidUTF8(head, nil)), "[redacted]")
	text = printable.Line(text)
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

func bare(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
