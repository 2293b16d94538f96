package gateconfig

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Issuer is the one that Google's ID tokens for accounts name.
const Issuer = "https://accounts.google.com"

// Settings are what a proxy is told.
type Settings struct {
	// Audiences are the accepted aud claims; one at least.
	Audiences []string
	// Emails are the callers that are let in; empty means every caller whose
	// token is valid.
	Emails []string
	// KeysURL is where the issuer's keys are; plain http is for loopback
	// addresses only.
	KeysURL string
	// Listen is the address that the proxy listens on, host:port; HAProxy takes
	// whatever its bind does.
	Listen string
	// Upstream is the service behind the proxy, host:port.
	Upstream string
	// Workload is the value of the label app that Istio finds the service by, and
	// the host name by which Cloud Endpoints knows it.
	Workload string
	// KeyFiles are the files with the issuer's keys, as WriteKeys makes them, for
	// proxies that fetch none.
	KeyFiles []string
}

// safe are the values that no proxy's language gives a meaning of its own.
var safe = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9._~:/@=+&?-]+$`)
})

// validate tells every fault at once.
func (s Settings) validate() error {
	var faults []error
	if len(s.Audiences) == 0 {
		faults = append(faults, errors.New("no audience: tokens meant for any other service would be let in"))
	}
	for _, value := range slices.Concat(s.Audiences, s.Emails, s.KeyFiles, []string{s.KeysURL, s.Listen, s.Upstream, s.Workload}) {
		if !safe().MatchString(value) {
			faults = append(faults, fmt.Errorf("%q, want letters, digits and ._~:/@=+&?- alone", value))
		}
	}
	if _, _, err := net.SplitHostPort(s.Upstream); err != nil {
		faults = append(faults, fmt.Errorf("upstream: %w", err))
	}
	if !s.goodKeysURL() {
		faults = append(faults, fmt.Errorf("keys URL %q, want https", s.KeysURL))
	}
	return errors.Join(faults...)
}

func (s Settings) goodKeysURL() bool {
	u, err := url.Parse(s.KeysURL)
	if err != nil || u.Hostname() == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// address is a host and port in two.
type address struct{ Host, Port string }

func split(hostPort string) (address, error) {
	host, port, err := net.SplitHostPort(hostPort)
	return address{host, port}, err
}

// keysAddress is where the keys are fetched.
func keysAddress(keysURL string) (address, error) {
	u, err := url.Parse(keysURL)
	if err != nil {
		return address{}, err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return address{u.Hostname(), port}, nil
}

func isTLS(keysURL string) bool { return strings.HasPrefix(keysURL, "https:") }
