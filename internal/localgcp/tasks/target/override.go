package target

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
)

// override is a task's URL with what its queue says over it: always, or where the
// URL itself says nothing.
func override(raw string, o *cloudtaskspb.UriOverride) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the URL %q is none", raw)
	}
	if o == nil {
		return u, nil
	}
	always := o.GetUriOverrideEnforceMode() != cloudtaskspb.UriOverride_IF_NOT_EXISTS
	if o.Scheme != nil && (always || u.Scheme == "") {
		u.Scheme = scheme(o.GetScheme())
	}
	if u.Scheme == "" {
		u.Scheme = "https"
	}
	host, port := u.Hostname(), u.Port()
	if o.Host != nil && (always || host == "") {
		host = o.GetHost()
	}
	if o.Port != nil && (always || port == "") {
		port = portText(o.GetPort())
	}
	u.Host = join(host, port)
	if o.GetPathOverride() != nil && (always || u.Path == "" || u.Path == "/") {
		setPath(u, o.GetPathOverride().GetPath())
	}
	if o.GetQueryOverride() != nil && (always || u.RawQuery == "") {
		u.RawQuery = strings.TrimPrefix(o.GetQueryOverride().GetQueryParams(), "?")
	}
	return u, nil
}

func scheme(s cloudtaskspb.UriOverride_Scheme) string {
	if s == cloudtaskspb.UriOverride_HTTP {
		return "http"
	}
	return "https"
}

// portText is a port as a URL has it; 0 clears it.
func portText(port int64) string {
	if port == 0 {
		return ""
	}
	return strconv.FormatInt(port, 10)
}

func join(host, port string) string {
	if port != "" {
		return net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// setPath takes a path as people write it; what is escaped stays so.
func setPath(u *url.URL, path string) {
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u.RawPath = ""
	if plain, err := url.PathUnescape(path); err == nil && plain != path {
		u.Path, u.RawPath = plain, path
		return
	}
	u.Path = path
}
