package gateconfig_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/gateconfig"
)

var update = flag.Bool("update", false, "write the golden files")

func settings() gateconfig.Settings {
	return gateconfig.Settings{
		Audiences: []string{"https://hello.example.com", "123-abc.apps.googleusercontent.com"},
		Emails:    []string{"caller@my-project.iam.gserviceaccount.com", "ann@example.com"},
		KeysURL:   "https://www.googleapis.com/oauth2/v3/certs",
		Listen:    "127.0.0.1:8000",
		Upstream:  "127.0.0.1:8080",
		Workload:  "hello",
		KeyFiles:  gateconfig.KeyFiles("/etc/haproxy/google"),
	}
}

func render(t *testing.T, proxy string, change func(*gateconfig.Settings)) string {
	t.Helper()
	s := settings()
	if proxy == "endpoints" {
		s.Emails = nil
	}
	if change != nil {
		change(&s)
	}
	config, err := gateconfig.Render(proxy, s)
	if err != nil {
		t.Fatal(err)
	}
	return string(config)
}

func TestRender(t *testing.T) {
	t.Parallel()
	everybody := func(s *gateconfig.Settings) { s.Emails = nil }
	for _, proxy := range gateconfig.Proxies() {
		for name, change := range map[string]func(*gateconfig.Settings){proxy: nil, proxy + "-everybody": everybody} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got, file := render(t, proxy, change), filepath.Join("testdata", name+".golden")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("configuration (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		proxy   string
		change  func(*gateconfig.Settings)
		wantErr string
	}{
		{"unknown proxy", "nginx", nil, `no configuration for "nginx", want one of apache, endpoints, envoy, haproxy, istio`},
		{"no audience", "envoy", func(s *gateconfig.Settings) { s.Audiences = nil }, "no audience"},
		{"empty audience", "envoy", func(s *gateconfig.Settings) { s.Audiences = []string{""} }, `"", want letters`},
		{"audience that ends a line", "haproxy", func(s *gateconfig.Settings) { s.Audiences = []string{"a\n  http-request allow"} }, "want letters"},
		{"audience with a blank", "haproxy", func(s *gateconfig.Settings) { s.Audiences = []string{"a } or TRUE"} }, "want letters"},
		{"email that closes a quote", "envoy", func(s *gateconfig.Settings) { s.Emails = []string{`a"}`} }, "want letters"},
		{"email that opens a tag", "apache", func(s *gateconfig.Settings) { s.Emails = []string{"</RequireAll>"} }, "want letters"},
		{"key file with a blank", "haproxy", func(s *gateconfig.Settings) { s.KeyFiles = gateconfig.KeyFiles("/etc/my keys") }, "want letters"},
		{"workload that is two documents", "istio", func(s *gateconfig.Settings) { s.Workload = "a\n---" }, "want letters"},
		{"keys in the clear", "envoy", func(s *gateconfig.Settings) { s.KeysURL = "http://issuer.example/keys" }, "want https"},
		{"upstream without a port", "envoy", func(s *gateconfig.Settings) { s.Upstream = "localhost" }, "missing port"},
		{"listener without a port", "envoy", func(s *gateconfig.Settings) { s.Listen = "localhost" }, "missing port"},
		{"emails where none are looked at", "endpoints", nil, "looks at no email"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := settings()
			if tt.change != nil {
				tt.change(&s)
			}
			if got, err := gateconfig.Render(tt.proxy, s); err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("got %q, %v, want an error with %q", got, err, tt.wantErr)
			}
		})
	}
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	_, err := gateconfig.Render("nginx", settings())
	if unknown, ok := errors.AsType[*gateconfig.UnknownError](err); !ok || unknown.Proxy != "nginx" {
		t.Errorf("got %v, want *UnknownError", err)
	}
	_, err = gateconfig.Render("endpoints", settings())
	if _, ok := errors.AsType[*gateconfig.EmailError](err); !ok {
		t.Errorf("got %v, want *EmailError", err)
	}
}
