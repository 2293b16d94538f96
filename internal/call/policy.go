package call

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Policy says where calls may go. It comes from the environment alone, so that
// a pipeline's parameters cannot loosen it.
type Policy struct {
	// AllowedHosts are the only hosts that may be called; ".example.com" means
	// every host below it. Empty means any.
	AllowedHosts []string
	// AllowHTTPHosts are hosts, besides loopback, that may be called without TLS.
	AllowHTTPHosts []string
	// AllowMetadata lifts the block on link-local and metadata addresses.
	AllowMetadata bool
}

// PolicyError means that a call was refused before anything was sent.
type PolicyError struct {
	// Problem is what is wrong, naming got and want.
	Problem string
}

func (e *PolicyError) Error() string { return e.Problem }

// Check says whether a URL may be called.
func (p Policy) Check(target *url.URL) error {
	host, err := hostName(target.Hostname())
	switch {
	case err != nil:
		return &PolicyError{Problem: err.Error()}
	case target.Scheme != "https" && target.Scheme != "http":
		return refuse("url has the scheme %q, want https", target.Scheme)
	case host == "":
		return refuse("url names no host, want https://host/path")
	case target.User != nil:
		return refuse("url holds a user name, which would be sent as a credential; take it out")
	case target.Scheme == "http" && !isLoopback(host) && !matches(p.AllowHTTPHosts, host):
		return refuse("url is plain http to %s, where anybody on the way can read the credential; use https, or allow the host in AUTHCALL_ALLOW_HTTP_HOSTS", host)
	case !p.AllowMetadata && isMetadata(host):
		return refuse("url leads to %s, a metadata server; a call may not go there", host)
	case len(p.AllowedHosts) > 0 && !matches(p.AllowedHosts, host):
		return refuse("host %s is not among the allowed ones in AUTHCALL_ALLOWED_HOSTS: %s", host, strings.Join(p.AllowedHosts, ", "))
	}
	return nil
}

func refuse(format string, args ...any) error {
	return &PolicyError{Problem: fmt.Sprintf(format, args...)}
}

func matches(patterns []string, host string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		name, below := strings.CutPrefix(pattern, ".")
		if canonical, err := hostName(name); err == nil {
			name = canonical
		}
		return !below && host == name || below && strings.HasSuffix(host, "."+name)
	})
}

// isMetadata knows metadata servers by name and address: behind a proxy, no
// check at the connection would see where a call ends.
func isMetadata(host string) bool {
	if slices.Contains([]string{"metadata.google.internal", "metadata.goog", "metadata"}, host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && forbidden(ip)
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// policyTransport is the outermost layer: nothing passes that is not allowed.
type policyTransport struct {
	policy Policy
	next   http.RoundTripper
}

func (t *policyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.policy.Check(r.URL); err != nil {
		return nil, err
	}
	return t.next.RoundTrip(r)
}
