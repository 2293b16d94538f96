package config

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/authcall/authcall/internal/trigger/event"
	"github.com/authcall/authcall/internal/vertex"
)

var (
	namePattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][-a-z0-9]{0,62}$`) })
	pathPattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^/[-A-Za-z0-9._~/]*$`) })
	callerPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+$`) })
)

// Paths of the receiver's own.
const (
	HealthPath  = "/healthz"
	ReadyPath   = "/readyz"
	MetricsPath = "/metrics"
)

// Labels that the receiver puts on every run.
const (
	RouteLabel    = "authpipe-route"
	SenderLabel   = "authpipe-sender"
	DeliveryLabel = "authpipe-delivery"
)

const maxBody = 32 << 20

// check tells every fault that shows without the pipelines.
func (c *Config) check(f *faults) {
	f.check(place{"url"}, checkURL(c.URL))
	f.check(place{"project"}, vertex.CheckProject(c.Project))
	f.check(place{"location"}, vertex.CheckLocation(c.Location))
	c.checkOnBadEvent(f, place{"on_bad_event"}, c.OnBadEvent)
	c.Limits.check(f)
	if len(c.Routes) == 0 {
		f.add(place{"routes"}, "there is none, want one at least")
	}
	for i, r := range c.Routes {
		at := place{"routes", i}
		r.check(f, at)
		c.checkOnBadEvent(f, at.with("on_bad_event"), r.OnBadEvent)
		for j, other := range c.Routes[:i] {
			f.want(other.Name != r.Name, at.with("name"), r.Name, fmt.Sprintf("another name than that of routes[%d]", j))
			f.want(other.Path != r.Path, at.with("path"), r.Path, fmt.Sprintf("another path than that of routes[%d]", j))
		}
	}
}

func (c *Config) checkOnBadEvent(f *faults, at place, got OnBadEvent) {
	f.want(got == Reject || got == Drop, at, string(got), "reject or drop")
}

func (l Limits) check(f *faults) {
	for _, limit := range []struct {
		name      string
		got, most int64
	}{
		{"max_body_bytes", l.MaxBodyBytes, maxBody},
		{"max_concurrent", int64(l.MaxConcurrent), 10000},
		{"request_seconds", int64(l.RequestSeconds), 3600},
		{"shutdown_seconds", int64(l.ShutdownSeconds), 3600},
	} {
		f.want(limit.got >= 1 && limit.got <= limit.most, place{"limits", limit.name}, limit.got, fmt.Sprintf("1 to %d", limit.most))
	}
}

// checkURL wants an address that senders reach; without TLS on this machine alone.
func checkURL(text string) error {
	if text == "" {
		return fmt.Errorf("it is missing, want the receiver's public URL, as in https://events-123456.us-central1.run.app")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return fmt.Errorf("got %q, want an https:// URL without a query", text)
	}
	return nil
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

func (r *Route) check(f *faults, at place) {
	f.want(namePattern().MatchString(r.Name), at.with("name"), r.Name, "a lower-case letter, then at most 62 lower-case letters, digits and hyphens")
	f.check(at.with("path"), checkPath(r.Path))
	f.want(r.From.Known(), at.with("from"), string(r.From), "one of "+senders())
	if len(r.Callers) == 0 {
		f.add(at.with("callers"), "there is none, want the emails of those whose tokens are let in")
	}
	for i, caller := range r.Callers {
		f.want(callerPattern().MatchString(caller), at.with("callers", i), caller, "an email alone, as in NAME@PROJECT.iam.gserviceaccount.com")
	}
	for i, audience := range r.Audiences {
		f.want(strings.TrimSpace(audience) != "", at.with("audiences", i), audience, "the aud claim of a token")
	}
	f.check(at.with("service_account"), vertex.CheckServiceAccount(r.ServiceAccount))
	f.check(at.with("labels"), checkLabels(r.Labels))
}

func senders() string {
	names := make([]string, 0, len(event.Senders()))
	for _, s := range event.Senders() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func checkPath(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("it is missing, want a path such as /nightly")
	case !pathPattern().MatchString(text) || path.Clean(text) != text:
		return fmt.Errorf("got %q, want a path such as /nightly, with no slash at its end", text)
	case slices.Contains([]string{HealthPath, ReadyPath, MetricsPath}, text):
		return fmt.Errorf("%s is the receiver's own", text)
	}
	return nil
}

func checkLabels(labels map[string]string) error {
	for _, name := range []string{RouteLabel, SenderLabel, DeliveryLabel} {
		if _, taken := labels[name]; taken {
			return fmt.Errorf("%s is the receiver's own", name)
		}
	}
	return vertex.CheckLabels(labels)
}
