package gapi

import (
	"net"
	"testing"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, given string
		want        string
		plain       bool
		wantErr     string
	}{
		{name: "host and port", given: "127.0.0.1:8080", want: "127.0.0.1:8080", plain: true},
		{name: "localhost", given: "localhost:8080", want: "localhost:8080", plain: true},
		{name: "IPv6 loopback", given: "[::1]:8080", want: "[::1]:8080", plain: true},
		{name: "host alone", given: "psc.example.com", want: "psc.example.com:443"},
		{name: "another machine", given: "10.0.0.1:8080", want: "10.0.0.1:8080"},
		{name: "looks like loopback only", given: "127.0.0.1.example.com:80", want: "127.0.0.1.example.com:80"},
		{name: "scheme", given: "http://127.0.0.1:8080", wantErr: "without a scheme"},
		{name: "no host", given: ":8080", wantErr: "want HOST or HOST:PORT"},
		{name: "no port", given: "127.0.0.1:", wantErr: "want HOST or HOST:PORT"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Endpoint(c.given)
			if !matches(err, c.wantErr) {
				t.Fatalf("Endpoint() error = %v, want %q", err, c.wantErr)
			}
			if got != c.want {
				t.Errorf("Endpoint() = %q, want %q", got, c.want)
			}
			if isLoopback(got) != c.plain {
				t.Errorf("isLoopback(%q) = %v, want %v", got, !c.plain, c.plain)
			}
		})
	}
}

func TestDialLoopback(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	conn, err := dialLoopback(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	// An address that is reserved for documentation (RFC 5737): refused before
	// anything is sent to it.
	if _, err := dialLoopback(t.Context(), "192.0.2.1:443"); !matches(err, "refusing a connection without TLS to 192.0.2.1:443") {
		t.Errorf("dialLoopback() error = %v, want a refusal", err)
	}
}

func TestConnectionWantsCredentials(t *testing.T) {
	t.Parallel()
	if _, err := (Connection{Address: "127.0.0.1:1"}).Options(); !matches(err, "no credentials given for 127.0.0.1:1") {
		t.Errorf("Options() error = %v, want one about credentials", err)
	}
}
