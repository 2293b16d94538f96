package gateconfig

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// UnknownError names a proxy that there is no configuration for.
type UnknownError struct{ Proxy string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no configuration for %q, want one of %s", e.Proxy, strings.Join(Proxies(), ", "))
}

// EmailError means that a proxy cannot tell callers apart.
type EmailError struct{ Proxy string }

func (e *EmailError) Error() string {
	return e.Proxy + " verifies tokens but looks at no email: leave the emails to the service, which finds the claims in X-Endpoint-API-UserInfo"
}

// proxies are the templates by the names of the proxies.
func proxies() map[string]string {
	return map[string]string{
		"apache":    "apache.conf",
		"endpoints": "endpoints.yaml",
		"envoy":     "envoy.yaml",
		"haproxy":   "haproxy.cfg",
		"istio":     "istio.yaml",
	}
}

// Proxies are the names that Render takes.
func Proxies() []string { return slices.Sorted(maps.Keys(proxies())) }

// Render writes the configuration of a proxy. Its errors are *UnknownError,
// *EmailError, or the faults of the settings.
func Render(proxy string, s Settings) ([]byte, error) {
	file, ok := proxies()[proxy]
	if !ok {
		return nil, &UnknownError{proxy}
	}
	if proxy == "endpoints" && len(s.Emails) > 0 {
		return nil, &EmailError{proxy}
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	parsed, err := template.New(file).Option("missingkey=error").Funcs(functions()).ParseFS(templates, "templates/"+file)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, s); err != nil {
		return nil, fmt.Errorf("configuration of %s: %w", proxy, err)
	}
	return b.Bytes(), nil
}

func functions() template.FuncMap {
	return template.FuncMap{
		"issuer":  func() string { return Issuer },
		"join":    strings.Join,
		"keys":    keysAddress,
		"methods": func() []string { return []string{"delete", "get", "head", "patch", "post", "put"} },
		"quote":   strconv.Quote,
		"split":   split,
		"tls":     isTLS,
	}
}
