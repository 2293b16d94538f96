package auth

import (
	"net/url"
	"strings"
)

// Audience derives what a target expects in the aud claim from the URL that is
// called: the origin for Cloud Run, the function's URL for a first-generation
// name on cloudfunctions.net, and scheme, host and path for IAP's signed JWT.
func Audience(kind Kind, target *url.URL) string {
	origin := url.URL{Scheme: target.Scheme, Host: hostWithoutDefaultPort(target)}
	switch {
	case kind == IAPJWT:
		origin.Path = target.Path
	case strings.HasSuffix(target.Hostname(), ".cloudfunctions.net"):
		function, _, _ := strings.Cut(strings.TrimPrefix(target.Path, "/"), "/")
		origin.Path = "/" + function
	}
	return origin.String()
}

func hostWithoutDefaultPort(u *url.URL) string {
	if u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		return strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Host
}
