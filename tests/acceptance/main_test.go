package acceptance

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rs/zerolog"

	"github.com/authcall/authcall/internal/cli/authcall"
	"github.com/authcall/authcall/internal/cli/authpipe"
	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/internal/localgcp"
)

// TestMain lets this very binary be both programs: started under either name,
// it runs that program's main. The local runner's steps work the same way.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"authcall": program(authcall.Main),
		"authpipe": program(authpipe.Main),
	})
}

// program is what cmd's main packages do.
func program(main func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int) func() {
	return func() {
		ctx, stop := interrupt.Context(context.Background())
		code := main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	made := makeState(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setup(env, made) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"app":         startApp,
			"arrives":     arrives,
			"asked":       asked,
			"await":       await,
			"claims":      claims,
			"developer":   developer,
			"end":         end,
			"exits":       exits,
			"json":        jsonValue,
			"expand":      expand,
			"localgoogle": startLocalGoogle,
			"ports":       giver(made),
			"seen":        seen,
			"source":      source,
			"step":        step,
			"tokens":      tokens,
		},
	})
}

// setup gives a script a home of its own, so that nothing of the user's is read.
// The local Googles of all scripts share their keys, for these take long to make.
func setup(env *testscript.Env, made string) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("HOME", home)
	env.Setenv("NO_COLOR", "1")
	env.Setenv("GCE_METADATA_HOST", "127.0.0.1:1") // no look for a real one
	env.Values[appKey{}] = &appBox{}
	env.Values[requestsKey{}] = &requestBox{}
	env.Values[googleKey{}] = &googleBox{}
	for _, state := range []string{filepath.Join(home, ".local", "state", "authpipe"), filepath.Join(env.WorkDir, "google"), filepath.Join(env.WorkDir, "state")} {
		if err := os.CopyFS(filepath.Join(state, "keys"), os.DirFS(filepath.Join(made, "keys"))); err != nil {
			return err
		}
	}
	return nil
}

// makeState returns the state directory of a local Google, with its keys.
func makeState(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	server, err := localgcp.Start(t.Context(), localgcp.Options{StateDir: dir, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}
