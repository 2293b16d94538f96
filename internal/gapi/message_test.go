package gapi

import "testing"

func TestPlain(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, message, want string }{
		{name: "a service's own", message: "Permission 'x' denied.", want: "Permission 'x' denied."},
		{
			name:    "nobody listens",
			message: `connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"`,
			want:    "dial tcp 127.0.0.1:1: connect: connection refused",
		},
		{
			name:    "a bad certificate",
			message: `connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: no"`,
			want:    "tls: failed to verify certificate: x509: no",
		},
		{
			name: "a proxy",
			message: `connection error: desc = "transport: Error while dialing: failed to do connect handshake, response: ` +
				`\"HTTP/1.1 407 Proxy Authentication Required\\r\\nVia: x\\r\\n\\r\\n<p>no</p>\""`,
			want: "the proxy lets no connection through: 407 Proxy Authentication Required",
		},
		{name: "no token", message: "transport: per-RPC creds failed due to error: auth: no", want: "auth: no"},
		{name: "not quoted to its end", message: `connection error: desc = "x`, want: `connection error: desc = "x`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := plain(c.message); got != c.want {
				t.Errorf("plain() = %q, want %q", got, c.want)
			}
		})
	}
}
