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
