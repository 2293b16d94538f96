package authpipe

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/interrupt"
)

// signalled is stdout that sends a signal once something was written to it.
type signalled struct {
	strings.Builder
	stop func()
}

func (s *signalled) Write(p []byte) (int, error) {
	defer s.stop()
	return s.Builder.Write(p)
}

func TestLocalUpServesUntilItIsToldToEnd(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	w := newWorld(t, &fakeService{})
	server := &fakeLocal{}
	var given localOptions
	w.startLocal = func(_ context.Context, o localOptions) (localGoogle, error) {
		given = o
		return server, nil
	}
	out := &signalled{stop: func() { stop(&interrupt.Error{Signal: syscall.SIGTERM}) }}
	w.stdout = out
	envFile := filepath.Join(t.TempDir(), "local.env")
	if code := w.run(ctx, "local", "up", "--env-file", envFile, "--state-dir", "/state", "-v"); code != exitcode.OK {
		t.Errorf("exit code = %d, want %d: %s", code, exitcode.OK, w.err.String())
	}
	if !server.closed {
		t.Error("the server was not closed")
	}
	if given.stateDir != "/state" || given.logLevel != "debug" || given.config == nil {
		t.Errorf("started with %+v", given)
	}
	const want = "export A='b'\nexport Q='it'\\''s $HOME'\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(envFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("env file (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(envFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the env file = %v, %v; want 0600", info.Mode(), err)
	}
}

func TestLocalUpWithoutAPlaceForItsEnvFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	server := &fakeLocal{}
	w.startLocal = startFake(server)
	if code := w.run(t.Context(), "local", "up", "--env-file", "/nonexistent/x"); code != exitcode.Usage || !server.closed {
		t.Errorf("exit code = %d, closed: %v", code, server.closed)
	}
	if w.out.Len() > 0 {
		t.Errorf("stdout = %q, want nothing", w.out.String())
	}
}

func FuzzShellQuote(f *testing.F) {
	for _, seed := range []string{"", "plain", "it's", `a"b\c$d` + "`e`", "two\nlines", "''"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) {
			t.Skip("an environment holds no NUL")
		}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+shellQuote(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("sh reads %q as %q, %v", text, out, err)
		}
	})
}

func TestDefaultStateDir(t *testing.T) {
	cases := []struct{ name, xdg, home, want string }{
		{name: "XDG", xdg: "/xdg", home: "/home/me", want: "/xdg/authpipe"},
		{name: "home", home: "/home/me", want: "/home/me/.local/state/authpipe"},
		{name: "a relative one counts for nothing", xdg: "xdg", home: "/home/me", want: "/home/me/.local/state/authpipe"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("XDG_STATE_HOME", c.xdg)
			t.Setenv("HOME", c.home)
			got, err := defaultStateDir()
			if err != nil || got != c.want {
				t.Errorf("defaultStateDir() = %q, %v; want %q", got, err, c.want)
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Setenv("XDG_STATE_HOME", "")
		t.Setenv("HOME", "")
		if got, err := defaultStateDir(); !is[*usageError](err) {
			t.Errorf("defaultStateDir() = %q, %v; want a usage error", got, err)
		}
	})
}

func TestDefaults(t *testing.T) {
	cases := []struct {
		name string
		env  map[string]string
		want defaults
	}{
		{name: "none"},
		{
			name: "all", env: map[string]string{
				"AUTHPIPE_PROJECT": "p", "AUTHPIPE_LOCATION": "l", "AUTHPIPE_PIPELINE_ROOT": "gs://b", "AUTHPIPE_SERVICE_ACCOUNT": "a",
				"AUTHPIPE_VERTEX_ENDPOINT": "127.0.0.1:1", "GOOGLE_CLOUD_PROJECT": "other", "STORAGE_EMULATOR_HOST": "127.0.0.1:2",
			},
			want: defaults{Project: "p", Location: "l", PipelineRoot: "gs://b", ServiceAccount: "a", VertexEndpoint: "127.0.0.1:1", StorageEmulator: "127.0.0.1:2"},
		},
		{name: "Google's project", env: map[string]string{"GOOGLE_CLOUD_PROJECT": "g", "CLOUDSDK_CORE_PROJECT": "s"}, want: defaults{Project: "g"}},
		{name: "gcloud's project", env: map[string]string{"CLOUDSDK_CORE_PROJECT": "s"}, want: defaults{Project: "s"}},
		{name: "bare names count for nothing", env: map[string]string{"PROJECT": "x", "LOCATION": "y"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"AUTHPIPE_PROJECT", "AUTHPIPE_LOCATION", "AUTHPIPE_PIPELINE_ROOT", "AUTHPIPE_SERVICE_ACCOUNT",
				"AUTHPIPE_VERTEX_ENDPOINT", "GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT", "STORAGE_EMULATOR_HOST"} {
				t.Setenv(name, c.env[name])
			}
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			got, err := readDefaults(os.Getenv)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("defaults (-want +got):\n%s", diff)
			}
		})
	}
}
