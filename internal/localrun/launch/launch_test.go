package launch_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/internal/localrun/launch"
)

// TestMain plays the step's program where argv[0] says so, as authpipe does.
func TestMain(m *testing.M) {
	if os.Args[0] == "authcall" {
		os.Exit(play(os.Args[1], os.Args[2:]))
	}
	os.Exit(m.Run())
}

func play(command string, args []string) int {
	switch command {
	case "tell":
		return tell(args)
	case "fail":
		fmt.Fprintln(os.Stderr, "no such luck")
		return 7
	case "kill-me":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "wait":
		return waitForTerm(0)
	case "ignore":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready")
		select {}
	}
	return 99
}

// report is what the played program tells of its surroundings.
type report struct {
	Args, Env []string
	Dir       string
}

func tell(args []string) int {
	dir, err := os.Getwd()
	if err != nil {
		return 98
	}
	if err := json.NewEncoder(os.Stdout).Encode(report{Args: args, Env: os.Environ(), Dir: dir}); err != nil {
		return 97
	}
	return 0
}

func waitForTerm(code int) int {
	got := make(chan os.Signal, 1)
	signal.Notify(got, syscall.SIGTERM)
	fmt.Println("ready")
	<-got
	fmt.Println("bye")
	return code
}

func step(t *testing.T, command ...string) localrun.Step {
	t.Helper()
	// Without the variable a program built for coverage warns on stderr.
	env := []string{"GOCOVERDIR=" + t.TempDir()}
	return localrun.Step{Env: env, Image: "example.test/authcall:1", Command: append([]string{"/authcall"}, command...), WorkDir: t.TempDir(), Stdout: io.Discard, Stderr: io.Discard}
}

func TestSelfGivesTheStepAnEnvironmentOfItsOwn(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/home/user/secret.json")
	s := step(t, "tell", "a")
	s.Args, s.Env = []string{"b c", "{}"}, []string{"GCE_METADATA_HOST=127.0.0.1:1", "PATH=/mine"}
	var out bytes.Buffer
	s.Stdout = &out
	if err := (launch.Self{}).Launch(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got report
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.Env)
	want := report{
		Args: []string{"a", "b c", "{}"},
		Env:  []string{"GCE_METADATA_HOST=127.0.0.1:1", "HOME=" + s.WorkDir, "PATH=/mine", "TMPDIR=" + s.WorkDir + "/tmp"},
		Dir:  s.WorkDir,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Linux takes no argument of 128 KiB, and the executor input is one.
func TestSelfTellsOfAnArgumentThatIsTooLong(t *testing.T) {
	t.Parallel()
	s := step(t, "tell")
	s.Args = []string{"--executor_input", strings.Repeat("x", 128<<10)}
	err := launch.Self{}.Launch(t.Context(), s)
	if want := "an argument of the step has 131072 bytes, and this system takes none so long: pass what is long as a file, such as body_uri: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Launch() = %v, want %s…", err, want)
	}
}

func TestSelfTellsExitCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		command, stderr string
		code            int
	}{
		{"fail", "no such luck\n", 7},
		{"kill-me", "", 137},
	}
	for _, tt := range tests {
		s := step(t, tt.command)
		var stderr bytes.Buffer
		s.Stderr = &stderr
		err := launch.Self{}.Launch(t.Context(), s)
		var exit *localrun.ExitError
		if !errors.As(err, &exit) || exit.Code != tt.code || stderr.String() != tt.stderr {
			t.Errorf("%s: got %v and %q, want exit code %d and %q", tt.command, err, stderr.String(), tt.code, tt.stderr)
		}
	}
}

func TestSelfNeedsACommandAndAProgram(t *testing.T) {
	t.Parallel()
	s := step(t)
	s.Command = nil
	if err := (launch.Self{}).Launch(t.Context(), s); err == nil {
		t.Error("got no error for a step without a command")
	}
	err := launch.Self{Executable: filepath.Join(t.TempDir(), "nothing")}.Launch(t.Context(), step(t, "tell"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that there is no such program", err)
	}
}

func TestSelfEndsTheStepWithTheContext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, command string
		grace         time.Duration
		wantLast      string
	}{
		{"that heeds SIGTERM", "wait", time.Minute, "bye"},
		{"that does not", "ignore", time.Millisecond, "ready"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cause := errors.New("enough")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			reader, writer := io.Pipe()
			s := step(t, tt.command)
			s.Stdout = writer

			done := make(chan error, 1)
			go func() {
				done <- launch.Self{Grace: tt.grace}.Launch(ctx, s)
				_ = writer.Close()
			}()
			last := ""
			for lines := bufio.NewScanner(reader); lines.Scan(); {
				last = lines.Text()
				cancel(cause)
			}
			if err := <-done; !errors.Is(err, cause) {
				t.Errorf("got %v, want the cause", err)
			}
			if last != tt.wantLast {
				t.Errorf("got last word %q, want %q", last, tt.wantLast)
			}
		})
	}
}

func TestStepPaths(t *testing.T) {
	t.Parallel()
	if got := (launch.Self{}).StepPath("i", "gs://b/x", "/state/b/x"); got != "/state/b/x" {
		t.Errorf("self: got %q, want the local path", got)
	}
	if got := (launch.Docker{}).StepPath("i", "gs://b/x", "/state/b/x"); got != "/gcs/b/x" {
		t.Errorf("docker: got %q, want the mount", got)
	}
}

// docker plays the docker command: a script that writes its arguments, one a
// line, to the file calls beside the buckets.
func docker(t *testing.T, mode string) (launch.Docker, func() string) {
	t.Helper()
	dir := t.TempDir()
	script, err := filepath.Abs(filepath.Join("testdata", "docker-"+mode))
	if err != nil {
		t.Fatal(err)
	}
	return launch.Docker{Binary: script, Buckets: dir}, func() string {
		calls, err := os.ReadFile(filepath.Join(dir, "calls"))
		if err != nil {
			t.Fatal(err)
		}
		return string(calls)
	}
}

func TestDockerRunsTheImage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		command []string
		want    []string
	}{
		{"with a command", []string{"sh", "-c"}, []string{"--entrypoint", "sh", "busybox:1", "-c", "echo {}"}},
		{"with the image's own", nil, []string{"busybox:1", "echo {}"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, calls := docker(t, "works")
			s := localrun.Step{Image: "busybox:1", Command: tt.command, Args: []string{"echo {}"}, Env: []string{"A=b c"}, Stdout: io.Discard, Stderr: io.Discard}
			if err := d.Launch(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			got := strings.Split(strings.TrimSpace(calls()), "\n")
			at := slices.Index(got, "--name")
			if at < 0 || !strings.HasPrefix(got[at+1], "authcall-") {
				t.Fatalf("got %q, want a name", got)
			}
			got[at+1] = "NAME"
			want := append([]string{
				"run", "--rm", "--name", "NAME", "--network", "host", "--user", fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid()),
				"--volume", d.Buckets + ":/gcs", "--env", "HOME=/tmp", "--env", "A=b c",
			}, tt.want...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDockerTellsExitCodes(t *testing.T) {
	t.Parallel()
	d, _ := docker(t, "fails")
	err := d.Launch(t.Context(), localrun.Step{Image: "busybox:1", Stdout: io.Discard, Stderr: io.Discard})
	var exit *localrun.ExitError
	if !errors.As(err, &exit) || exit.Code != 5 {
		t.Errorf("got %v, want exit code 5", err)
	}
}

func TestDockerWithoutAnEngineNamesTheImage(t *testing.T) {
	t.Parallel()
	silent, _ := docker(t, "silent")
	tests := []struct {
		name string
		d    launch.Docker
		want string
	}{
		{"no command", launch.Docker{Binary: filepath.Join(t.TempDir(), "docker")}, "no such file or directory"},
		{"no engine", silent, "Cannot connect"},
	}
	for _, tt := range tests {
		err := tt.d.Launch(t.Context(), localrun.Step{Image: "busybox:1"})
		var none *launch.NoEngineError
		if !errors.As(err, &none) || none.Image != "busybox:1" {
			t.Fatalf("%s: got %v, want a NoEngineError of the image", tt.name, err)
		}
		for _, want := range []string{"image busybox:1 needs a Docker engine, and none answers", tt.want} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want it to say %q", tt.name, err, want)
			}
		}
	}
}

func TestDockerPullsWhatIsMissing(t *testing.T) {
	t.Parallel()
	d, _ := docker(t, "pulls")
	tests := []struct{ image, want string }{
		{"busybox:1", ""},
		{"secret:1", "pull image secret:1: exit status 1: access denied"},
	}
	for _, tt := range tests {
		err := d.Launch(t.Context(), localrun.Step{Image: tt.image, Stdout: io.Discard, Stderr: io.Discard})
		if got := fmt.Sprint(err); got != tt.want && (err != nil || tt.want != "") {
			t.Errorf("%s: got %q, want %q", tt.image, got, tt.want)
		}
	}
}

func TestDockerRemovesTheContainerOfACancelledStep(t *testing.T) {
	t.Parallel()
	d, calls := docker(t, "waits")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- d.Launch(ctx, localrun.Step{Image: "busybox:1", Stdout: writer, Stderr: io.Discard})
		_ = writer.Close()
	}()
	if _, err := bufio.NewReader(reader).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's", err)
	}
	got := calls()
	if _, after, ok := strings.Cut(got, "rm\n--force\nauthcall-"); !ok || after == "" {
		t.Errorf("got calls\n%s\nwant the container removed by its name", got)
	}
}

func TestByImage(t *testing.T) {
	t.Parallel()
	own, other := named("own"), named("other")
	l := launch.ByImage{Images: []string{"ghcr.io/authcall/authcall", "localhost:5000/mine:dev"}, Own: own, Other: other}
	tests := []struct {
		image string
		want  error
	}{
		{"ghcr.io/authcall/authcall", own},
		{"ghcr.io/authcall/authcall:1.2.3", own},
		{"ghcr.io/authcall/authcall@sha256:0123", own},
		{"ghcr.io/authcall/authcall:1.2.3@sha256:0123", own},
		{"ghcr.io/authcall/authcall2:1", other},
		{"ghcr.io/authcall", other},
		{"localhost:5000/mine:dev", own},
		{"localhost:5000/mine:other", other},
		{"busybox", other},
		{"", other},
	}
	for _, tt := range tests {
		if got := l.Launch(t.Context(), localrun.Step{Image: tt.image}); !errors.Is(got, tt.want) {
			t.Errorf("%q: got launcher %v, want %v", tt.image, got, tt.want)
		}
		if got := l.StepPath(tt.image, "", ""); got != tt.want.Error() {
			t.Errorf("%q: got path of %v, want %v", tt.image, got, tt.want)
		}
	}
}

// named is a launcher that answers with itself.
type named string

func (n named) Error() string                               { return string(n) }
func (n named) Launch(context.Context, localrun.Step) error { return n }
func (n named) StepPath(_, _, _ string) string              { return string(n) }
