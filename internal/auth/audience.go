package auth

import (
	"net/url"
	"strings"
)

const (
	// functionsDomain is where functions of both generations have their names of
	// the first; their URL, with the function's name as its path, is an audience.
	functionsDomain = ".cloudfunctions.net"
	// tagMark ends the traffic tag in a Cloud Run host name.
	tagMark = "---"
)

// Audience derives what a target expects in the aud claim from the URL that is
// called: the service's origin for Cloud Run, whatever traffic tag is called,
// the function's URL for a name on cloudfunctions.net, and scheme, host and
// path for IAP's signed JWT. An access token has no audience.
func Audience(kind Kind, target *url.URL) string {
	aud := url.URL{Scheme: target.Scheme, Host: hostWithoutDefaultPort(target)}
	switch host := target.Hostname(); {
	case kind == AccessToken, kind == None:
		return ""
	case kind == IAPJWT:
		aud.Path = target.Path
	case strings.HasSuffix(host, functionsDomain):
		function, _, _ := strings.Cut(strings.TrimPrefix(target.Path, "/"), "/")
		aud.Path = "/" + function
	case strings.HasSuffix(host, ".run.app"):
		if _, service, tagged := strings.Cut(aud.Host, tagMark); tagged {
			aud.Host = service
		}
	}
	return aud.String()
}

func hostWithoutDefaultPort(u *url.URL) string {
	if u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		return strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Host
}

// Doubts says what about an ID token's audience most often leads to a 401 from
// Google's front ends. An audience that is no https URL, as a client id, is
// taken as it is.
func Doubts(kind Kind, audience string) []string {
	u, err := url.Parse(audience)
	if kind != IDToken || err != nil || u.Scheme != "https" {
		return nil
	}
	var doubts []string
	switch {
	case u.Path == "/":
		doubts = append(doubts, "ends in a slash; Cloud Run's audiences do not")
	case u.Path != "" && !strings.HasSuffix(u.Hostname(), functionsDomain):
		doubts = append(doubts, "has a path; Cloud Run wants the service's URL alone")
	}
	if u.Port() != "" {
		doubts = append(doubts, "has a port; Cloud Run's audiences have none")
	}
	if strings.HasSuffix(u.Hostname(), ".run.app") && strings.Contains(u.Hostname(), tagMark) {
		doubts = append(doubts, "has a traffic tag; Cloud Run wants the service's URL without it")
	}
	return doubts
}
