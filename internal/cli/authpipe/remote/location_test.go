package remote

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text    string
		want, address string
		kind          Kind
		wantErr       string
	}{
		{
			name: "an object", text: "gs://bucket/specs/a b.yaml", kind: Storage, want: "gs://bucket/specs/a b.yaml",
			address: "https://storage.googleapis.com/storage/v1/b/bucket/o/specs%2Fa%20b.yaml?alt=media",
		},
		{name: "a bucket alone", text: "gs://bucket", wantErr: "want gs://BUCKET/OBJECT"},
		{name: "a folder of no bucket", text: "gs:///x", wantErr: "want gs://BUCKET/OBJECT"},
		{
			name: "a server", text: "https://example.com/a.yaml?signature=secret", want: "https://example.com/a.yaml",
			address: "https://example.com/a.yaml?signature=secret",
		},
		{
			name: "a registry", text: "https://us-central1-kfp.pkg.dev/p/r/call/v1", kind: Registry,
			want: "https://us-central1-kfp.pkg.dev/p/r/call/v1", address: "https://us-central1-kfp.pkg.dev/p/r/call/v1",
		},
		{
			name: "a registry's name in another's", text: "https://us-kfp.pkg.dev.example.com/x",
			want: "https://us-kfp.pkg.dev.example.com/x", address: "https://us-kfp.pkg.dev.example.com/x",
		},
		{
			name: "a registry at another port", text: "https://us-kfp.pkg.dev:8443/x",
			want: "https://us-kfp.pkg.dev:8443/x", address: "https://us-kfp.pkg.dev:8443/x",
		},
		{name: "no TLS", text: "http://example.com/a.yaml", wantErr: "want gs:// or https://, got http://"},
		{name: "another scheme", text: "file:///etc/passwd", wantErr: "got file://"},
		{name: "no host", text: "https:///a", wantErr: "no host"},
		{name: "a user", text: "https://me:secret@example.com/a", wantErr: "user name"},
		{name: "no URL", text: "https://exa mple.com/secret", wantErr: "invalid URL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(c.text)
			if err != nil || c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) || c.wantErr == "" || strings.Contains(err.Error(), "secret") {
					t.Errorf("Parse() error = %v, want %q and nothing secret", err, c.wantErr)
				}
				return
			}
			if got.Kind != c.kind || got.String() != c.want || got.address("") != c.address {
				t.Errorf("Parse() = kind %v, %s, asked at %s; want kind %v, %s, %s", got.Kind, got, got.address(""), c.kind, c.want, c.address)
			}
		})
	}
}

func TestEmulator(t *testing.T) {
	t.Parallel()
	l := Location{Kind: Storage, Bucket: "b", Object: "o"}
	for emulator, want := range map[string]string{
		"127.0.0.1:9000":          "http://127.0.0.1:9000/storage/v1/b/b/o/o?alt=media",
		"http://127.0.0.1:9000/":  "http://127.0.0.1:9000/storage/v1/b/b/o/o?alt=media",
		"https://gcs.example.com": "https://gcs.example.com/storage/v1/b/b/o/o?alt=media",
	} {
		if got := l.address(emulator); got != want {
			t.Errorf("address(%q) = %q, want %q", emulator, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"gs://b/o", "https://h/p?q#f", "https://u:p@h", "gs://b/../..//x", "https://[::1]/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse(text)
		if err != nil {
			return
		}
		address := l.address("")
		if !strings.HasPrefix(address, "https://") {
			t.Errorf("Parse(%q) is asked at %q", text, address)
		}
		if l.Kind == Storage && !strings.HasPrefix(address, storageHost+"/storage/v1/b/") {
			t.Errorf("Parse(%q) would send a token to %q", text, address)
		}
		if l.Kind == Registry && !strings.HasSuffix(l.url.Hostname(), "-kfp.pkg.dev") {
			t.Errorf("Parse(%q) would send a token to %q", text, l.url.Host)
		}
	})
}
