package sender

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Call is the HTTP request that a sender makes.
type Call struct {
	// URL is where it goes.
	URL string
	// Method is POST where it is empty.
	Method string
	// Headers are sent as they are; names in canonical form.
	Headers map[string]string
	// Body is sent with POST, PUT and PATCH.
	Body []byte
	// Token is what the sender puts beside it.
	Token Token
}

// Settings are changes to a Call. What is nil stays as it is.
type Settings struct {
	// URL, Method: see Call.
	URL, Method *string
	// Headers are added to those that are there; one with an empty value is taken
	// away.
	Headers map[string]string
	// Body replaces the body; an empty one takes it away.
	Body []byte
	// ServiceAccount is the email of the account whose token is sent.
	ServiceAccount *string
	// Audience is that of an ID token; nil means one that fits the URL.
	Audience *string
	// Scope makes the token an access token of this scope.
	Scope *string
	// Function tells that the URL is that of a function of the first generation,
	// whatever its host: the function's name belongs to the audience.
	Function bool
}

// Apply returns the call with the changes, checked.
func (s Settings) Apply(to Call) (Call, error) {
	changed := to
	set(&changed.URL, s.URL)
	set(&changed.Method, s.Method)
	changed.Method = strings.ToUpper(changed.Method)
	if s.Body != nil {
		changed.Body = s.Body
	}
	changed.Headers = s.headers(to.Headers)
	target, err := parseURL(changed.URL)
	if err != nil {
		return Call{}, err
	}
	changed.Token = s.token(to, target)
	changed.describeBody()
	return changed, changed.check(target)
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func (s Settings) headers(have map[string]string) map[string]string {
	if s.Headers == nil {
		return have
	}
	headers := map[string]string{}
	maps.Copy(headers, have)
	for name, value := range s.Headers {
		name = http.CanonicalHeaderKey(name)
		if value == "" {
			delete(headers, name)
			continue
		}
		headers[name] = value
	}
	return headers
}

// describeBody says that a body is JSON where it is, and nothing else is said.
func (c *Call) describeBody() {
	if len(c.Body) == 0 || c.Headers[contentType] != "" || !json.Valid(c.Body) {
		return
	}
	c.Headers = maps.Clone(c.Headers)
	if c.Headers == nil {
		c.Headers = map[string]string{}
	}
	c.Headers[contentType] = "application/json"
}

const contentType = "Content-Type"

// parseURL wants a URL that a token may be sent to.
func parseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, errors.New("the URL to call is missing")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the URL to call: %w", err)
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return nil, fmt.Errorf("the URL to call: got %q, want https://HOST/…", text)
	case u.User != nil, u.Fragment != "":
		return nil, fmt.Errorf("the URL to call: got %q, want one without user and fragment", u.Redacted())
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("the URL to call: got %q, want https: the token would travel in the clear", text)
	}
	return u, nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// withBody lists the methods that carry a body; the empty one is POST.
func withBody() []string {
	return []string{"", http.MethodPost, http.MethodPut, http.MethodPatch}
}

// methods are those that Cloud Scheduler and Cloud Tasks know.
func methods() []string {
	return []string{http.MethodPost, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions}
}

func (c Call) check(target *url.URL) error {
	if c.Method != "" && !slices.Contains(methods(), c.Method) {
		return fmt.Errorf("method %q: want one of %s", c.Method, strings.Join(methods(), ", "))
	}
	if len(c.Body) > 0 && !slices.Contains(withBody(), c.Method) {
		return fmt.Errorf("a body does not go with method %s", c.Method)
	}
	for name, value := range c.Headers {
		if err := checkHeader(name, value); err != nil {
			return err
		}
	}
	return c.Token.check(target)
}

func checkHeader(name, value string) error {
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("header %q: not a name", name)
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("header %s: the value holds what no header may", name)
	case name == "Authorization":
		return errors.New("header Authorization: the sender's token goes there")
	case name == "Host" || name == "Content-Length" || strings.HasPrefix(name, "X-Google-") || strings.HasPrefix(name, "X-Appengine-"):
		return fmt.Errorf("header %s: Google sets it", name)
	}
	return nil
}
