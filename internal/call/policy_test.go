package call

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestPolicyCheck(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, url string
		policy    Policy
		want      string
	}{
		{name: "https", url: "https://a.run.app/x"},
		{name: "http on loopback", url: "http://127.0.0.1:8080"},
		{name: "http on localhost", url: "http://localhost:8080"},
		{name: "http on localhost in capitals", url: "http://LOCALHOST.:8080"},
		{name: "allowed host in other letters", url: "https://BÜCHER.example./", policy: Policy{AllowedHosts: []string{"bücher.example"}}},
		{name: "allowed domain in other letters", url: "https://a.xn--bcher-kva.example/", policy: Policy{AllowedHosts: []string{".Bücher.example"}}},
		{name: "http on IPv6 loopback", url: "http://[::1]:8080"},
		{name: "http elsewhere", url: "http://a.example/x", want: "plain http to a.example"},
		{name: "a host that only begins like loopback", url: "http://127.0.0.1.example/", want: "plain http"},
		{name: "http where it is allowed", url: "http://a.example/x", policy: Policy{AllowHTTPHosts: []string{"A.example"}}},
		{name: "another scheme", url: "file:///etc/passwd", want: `scheme "file", want https`},
		{name: "no host", url: "https:///x", want: "names no host"},
		{name: "user name", url: "https://me:pw@a.example/", want: "holds a user name"},
		{name: "metadata server by name", url: "https://Metadata.Google.Internal./x", want: "a metadata server"},
		{name: "metadata server by address", url: "https://169.254.169.254/x", want: "a metadata server"},
		{name: "metadata server by mapped address", url: "https://[::ffff:169.254.169.254]/x", want: "a metadata server"},
		{name: "metadata server of a machine without IPv4", url: "https://[fd20:ce::254]/x", want: "a metadata server"},
		{name: "metadata server through NAT64", url: "https://[64:ff9b::169.254.169.254]/x", want: "a metadata server"},
		{name: "metadata server by another name", url: "https://metadata.goog/x", want: "a metadata server"},
		{name: "metadata server in other letters", url: "https://ｍetadata.google.internal/x", want: "a metadata server"},
		{name: "address as a number", url: "https://2852039166/x", want: "an odd spelling"},
		{name: "address in hexadecimal", url: "https://0xA9FEA9FE/x", want: "an odd spelling"},
		{name: "address of two numbers", url: "https://169.254.43518/x", want: "an odd spelling"},
		{name: "address in octal", url: "https://0251.0376.0251.0376/x", want: "an odd spelling"},
		{name: "address in other digits", url: "https://①⑥⑨.②⑤④.169.254/x", want: "a metadata server"},
		{name: "name that begins with a number", url: "https://7.a.example/"},
		{name: "no name", url: "https://a‥b.example/", want: "is no name"},
		{name: "metadata server where it is allowed", url: "https://169.254.169.254/x", policy: Policy{AllowMetadata: true}},
		{name: "allowed host", url: "https://a.example/", policy: Policy{AllowedHosts: []string{"a.example"}}},
		{name: "allowed domain", url: "https://b.a.example/", policy: Policy{AllowedHosts: []string{".a.example"}}},
		{name: "other host", url: "https://b.example/", policy: Policy{AllowedHosts: []string{"a.example"}}, want: "b.example is not among the allowed ones in AUTHCALL_ALLOWED_HOSTS: a.example"},
		{name: "a suffix is no domain", url: "https://evila.example/", policy: Policy{AllowedHosts: []string{".a.example"}}, want: "not among"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			err = c.policy.Check(u)
			var refused *PolicyError
			if (err == nil) != (c.want == "") || err != nil && (!errors.As(err, &refused) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Check = %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "pw") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestMetadataAddressesAreRefusedAtTheConnection(t *testing.T) {
	t.Parallel()
	for address, refused := range map[string]bool{
		"169.254.169.254:80":          true,
		"[fe80::1]:80":                true,
		"[fe80::1%eth0]:80":           true,
		"[fd00:ec2::254]:80":          true,
		"[fd20:ce::254]:80":           true,
		"[64:ff9b::a9fe:a9fe]:80":     true,
		"[64:ff9b::a00:1]:80":         false,
		"[::ffff:169.254.169.254]:80": true,
		"127.0.0.1:80":                false,
		"10.0.0.1:443":                false,
	} {
		if err := refuseMetadata(t.Context(), "tcp", address, nil); (err != nil) != refused {
			t.Errorf("refuseMetadata(%s) = %v, want refused: %v", address, err, refused)
		}
	}
	// Nothing leaves the machine: the refusal comes before the connection.
	transport := NewTransport(TransportOptions{})
	_, err := transport.DialContext(t.Context(), "tcp", "169.254.169.254:80")
	var refused *PolicyError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "link-local") {
		t.Errorf("DialContext = %v, want a *PolicyError about the address", err)
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://A.Example.:443/X?Y": "https://a.example/X?Y",
		"http://a.example:443/":      "http://a.example:443/",
		"http://[::1]:80/":           "http://[::1]/",
		"https://[2001:DB8::1]:8443": "https://[2001:db8::1]:8443",
		"https://Bücher.example":     "https://xn--bcher-kva.example",
		"https://a.example:/":        "https://a.example/",
		"https://a.example:99999/":   "port 99999 of url is none",
		"https://a.example:0/":       "port 0 of url is none",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := Canonical(u); err == nil && u.String() != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Canonical(%s) = %s, %v; want %s", text, u, err, want)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	for other, want := range map[string]bool{
		"https://a.example/x": true, "https://A.EXAMPLE:443": true,
		"http://a.example": false, "https://a.example:8443": false, "https://b.a.example": false, "https://a.example:99999": false,
	} {
		a, errA := url.Parse("https://a.example")
		b, errB := url.Parse(other)
		if err := errors.Join(errA, errB); err != nil || SameOrigin(a, b) != want {
			t.Errorf("SameOrigin(%s) is not %v, %v", other, want, err)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{"", "a.example", "①.②", "0x", "[::1]:80", "a:b:c", "%", "..", "xn--"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		u := &url.URL{Scheme: "https", Host: host}
		if Canonical(u) != nil {
			return
		}
		once := u.Host
		if err := Canonical(u); err != nil || u.Host != once {
			t.Errorf("Canonical(%q) = %q, and of that %q, %v", host, once, u.Host, err)
		}
	})
}
