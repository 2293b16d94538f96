package component

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/authcall/authcall/internal/call"
)

// parseTarget reads the URL to call. Its errors show neither a password nor a
// query.
func parseTarget(text string) (*url.URL, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("url is missing, want https://host/path")
	}
	target, err := url.Parse(text)
	if err != nil || target.Scheme == "" || target.Host == "" {
		return nil, fmt.Errorf("url is %q, want https://host/path", withoutSecrets(text))
	}
	return target, call.Canonical(target)
}

// withoutSecrets is what may be shown of a text that should be a URL.
func withoutSecrets(text string) string {
	if end := strings.IndexAny(text, "?#"); end >= 0 {
		text = text[:end] + "…"
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		text = "…" + text[at:]
	}
	return text
}

// addQuery puts parameters into the place of those of the same name. The others
// stay as they are written, for a service may have signed them so.
func addQuery(target *url.URL, parameters StringMap) {
	added := url.Values{}
	for name, value := range parameters {
		added.Set(name, value)
	}
	var kept []string
	for _, pair := range strings.Split(target.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); pair != "" && (err != nil || !added.Has(plain)) {
			kept = append(kept, pair)
		}
	}
	if len(added) > 0 {
		target.RawQuery = strings.Join(append(kept, added.Encode()), "&")
	}
}
