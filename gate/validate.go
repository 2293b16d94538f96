package gate

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// iapAudience is what every audience of an assertion of IAP begins with.
const iapAudience = "/projects/"

// validate tells every fault of the policy at once.
func (p Policy) validate() error {
	faults := []error{p.checkAudiences(), p.checkLists(), p.checkAlgorithms()}
	if p.Keys == nil {
		faults = append(faults, checkKeysURL(p.KeysURL))
	}
	if p.Leeway < 0 || p.Leeway > maxLeeway {
		faults = append(faults, fmt.Errorf("leeway %s, want 0 to %s", p.Leeway, maxLeeway))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("gate policy: %w", err)
	}
	return nil
}

func (p Policy) checkAudiences() error {
	if len(p.Audiences) == 0 {
		return errors.New("no audience: a token meant for any other service would be let in")
	}
	iap := slices.Contains(p.Issuers, IAPIssuer)
	for _, a := range p.Audiences {
		if a == "" {
			return errors.New("an audience is empty")
		}
		if iap && !strings.HasPrefix(a, iapAudience) {
			return fmt.Errorf("audience %q of IAP, want one that begins with %s", a, iapAudience)
		}
	}
	return nil
}

// checkLists refuses the empty entry that a claim which is not there would equal.
func (p Policy) checkLists() error {
	for name, list := range map[string][]string{
		"email": p.Emails, "subject": p.Subjects, "domain": p.Domains, "public path": p.Public, "header": p.Headers,
	} {
		if slices.Contains(list, "") {
			return fmt.Errorf("an empty %s", name)
		}
	}
	return nil
}

func (p Policy) checkAlgorithms() error {
	for _, a := range p.Algorithms {
		if a != string(jose.RS256) && a != string(jose.ES256) {
			return fmt.Errorf("algorithm %q, want RS256 or ES256", a)
		}
	}
	return nil
}

// checkKeysURL wants keys that nobody can change on their way.
func checkKeysURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("keys URL: %w", err)
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return fmt.Errorf("keys URL %q, want https", text)
	}
	return nil
}
