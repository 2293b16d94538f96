package localgcp

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/authcall/authcall/internal/localgcp/apps"
)

func (c *Config) validateServices(f *faults) {
	seen := map[string]bool{}
	for i, s := range c.Services {
		at := fmt.Sprintf("services[%d]", i)
		f.want(namePattern().MatchString(s.Name), at+".name", s.Name, "lower-case letters, digits and hyphens")
		if seen[s.Name] {
			f.add(at+".name", "%q is taken by another service", s.Name)
		}
		seen[s.Name] = true
		s.validate(f, at)
	}
}

func (s Service) validate(f *faults, at string) {
	f.want(slices.Contains(Kinds(), s.Kind), at+".kind", string(s.Kind), fmt.Sprintf("one of %q", Kinds()))
	switch {
	case (s.App == "") == (s.Upstream == ""):
		f.add(at, "want either app or upstream")
	case s.App != "":
		f.want(slices.Contains(apps.Names(), s.App), at+".app", s.App, fmt.Sprintf("one of %q", apps.Names()))
	default:
		f.want(isLoopbackURL(s.Upstream), at+".upstream", s.Upstream, "an http URL of a loopback address, such as http://127.0.0.1:8080")
	}
	if slices.Contains(s.Audiences, "") {
		f.add(at+".audiences", "an audience is empty")
	}
	s.validateFields(f, at)
}

// validateFields refuses what says nothing to a front door of the kind.
func (s Service) validateFields(f *faults, at string) {
	iap, runs := s.Kind == IAP, slices.Contains([]Kind{CloudRun, Function, FunctionGen1}, s.Kind)
	invoked := runs || s.Kind == Envoy || s.Kind == Istio
	f.want(iap || s.ClientID == "", at+".client_id", s.ClientID, "none but behind IAP")
	f.want(iap || !s.AccessTokens, at+".access_tokens", "true", "false but behind IAP")
	f.want(iap || s.Hosting == "", at+".hosting", string(s.Hosting), "none but behind IAP")
	f.want(s.Hosting == "" || slices.Contains(hostings(), s.Hosting), at+".hosting", string(s.Hosting), fmt.Sprintf("one of %q", hostings()))
	f.want(iap || len(s.Accessors) == 0, at+".accessors", strings.Join(s.Accessors, " "), "none but behind IAP")
	f.want(invoked || len(s.Invokers) == 0, at+".invokers", strings.Join(s.Invokers, " "), "none but for services and functions, or behind Envoy or Istio")
	f.want(runs || !s.Hidden, at+".hidden", "true", "false but for services and functions")
	f.want(s.Unsettled >= 0 && (runs || s.Unsettled == 0), at+".unsettled", fmt.Sprint(s.Unsettled), "0 or more for services and functions, 0 for others")
	f.want(s.Kind == GoogleAPI || len(s.Scopes) == 0, at+".scopes", strings.Join(s.Scopes, " "), "none but for a Google API")
	f.want(s.Kind != GoogleAPI || len(s.Audiences) == 0, at+".audiences", strings.Join(s.Audiences, " "), "none for a Google API")
}

func isLoopbackURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
