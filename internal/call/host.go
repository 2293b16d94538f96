package call

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Canonical writes the host of a URL as it is looked up and compared: in lower case
// and ASCII, without the dot at its end and without the scheme's own port.
func Canonical(u *url.URL) error {
	host, err := hostName(u.Hostname())
	if err != nil {
		return err
	}
	port := u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return fmt.Errorf("port %s of url is none, want 1 to 65535", port)
	}
	if u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		port = ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	u.Host = host
	if port != "" {
		u.Host += ":" + port
	}
	return nil
}

// SameOrigin says whether two URLs have the scheme, host and port in common.
func SameOrigin(a, b *url.URL) bool {
	x, y := *a, *b
	return Canonical(&x) == nil && Canonical(&y) == nil && x.Scheme == y.Scheme && x.Host == y.Host
}

// hostName is a host as it is looked up. The spellings of an address that only some
// resolvers know are refused: behind a proxy, its resolver is the one that counts.
func hostName(host string) (string, error) {
	host = strings.TrimRight(strings.ToLower(host), ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return host, nil
	}
	if !isASCII(host) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", fmt.Errorf("host of url is no name: %w", err)
		}
		host = strings.TrimRight(ascii, ".")
	}
	if last := host[strings.LastIndexByte(host, '.')+1:]; isNumber(last) && net.ParseIP(host) == nil {
		return "", fmt.Errorf("host %s of url is an address in an odd spelling, want 192.0.2.1 or [2001:db8::1]", host)
	}
	return host, nil
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > '~' })
}

// isNumber knows decimal, octal and hexadecimal numbers. No top level domain is one.
func isNumber(label string) bool {
	digits, base := label, 10
	if rest, found := strings.CutPrefix(label, "0x"); found {
		digits, base = rest, 16
	}
	_, err := strconv.ParseUint(digits, base, 64)
	return err == nil || digits == "" && base != 10
}
