package gates

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/authcall/authcall/tests/internal/need"
)

// startHAProxy starts HAProxy before an application, with a file of the Google's
// key, and returns its URL. It inherits its port, which is open before it starts.
func startHAProxy(t *testing.T, g *google, app string) string {
	t.Helper()
	dir := t.TempDir()
	key, file := filepath.Join(dir, "google.pem"), filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(key, publicKey(t, g), 0o600); err != nil {
		t.Fatal(err)
	}
	writeConfig(t, filepath.Join("testdata", "haproxy.cfg"), file, map[string]string{"App": port(t, app), "Key": key, "Audience": audience})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close(); _ = listener.Close() })
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), need.Program(t, "haproxy"), "-db", "-f", file)
	cmd.ExtraFiles = []*os.File{socket} // file descriptor 3
	log := startChild(t, cmd)
	go drain(log)
	return "http://" + listener.Addr().String()
}

// publicKey is the key of the Google's ID tokens in PEM.
func publicKey(t *testing.T, g *google) []byte {
	t.Helper()
	response, err := http.Get(g.api(t) + "/oauth2/v3/certs")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("got %d keys, %v, want one", len(set.Keys), err)
	}
	der, err := x509.MarshalPKIXPublicKey(set.Keys[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestHAProxy(t *testing.T) {
	t.Parallel()
	need.Time(t, "runs HAProxy")
	need.Program(t, "haproxy")
	g, all := tokens(t)
	haproxy := startHAProxy(t, g, startApp(t).URL)
	want := map[string]answer{
		"good":                     {Status: 200, Body: "hello " + caller},
		"none":                     {Status: 403, Body: "no token"},
		"wrong audience":           {Status: 401, Body: "audience"},
		"expired":                  {Status: 401, Body: "expired"},
		"issued in the future":     {Status: 401, Body: "not yet valid"},
		"wrong issuer":             {Status: 401, Body: "signature"},
		"signed by another Google": {Status: 401, Body: "signature"},
		"tampered claims":          {Status: 401, Body: "signature"},
		"tampered signature":       {Status: 401, Body: "signature"},
		"alg none":                 {Status: 401, Body: "algorithm"},
		"HMAC":                     {Status: 401, Body: "algorithm"},
		"access token":             {Status: 401, Body: "algorithm"},
	}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			got := present(t, haproxy, p.token)
			if got.Status != want[p.name].Status || got.Body != want[p.name].Body {
				t.Errorf("got %d %q, want %d %q", got.Status, got.Body, want[p.name].Status, want[p.name].Body)
			}
		})
	}
	t.Run("authcall", func(t *testing.T) {
		t.Parallel()
		if got := g.authcall(t, "call", "--service-account", caller, "--audience", audience, haproxy+"/x"); got != "hello "+caller {
			t.Errorf("got %q, want a greeting of %s", got, caller)
		}
	})
}
