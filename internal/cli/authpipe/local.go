package authpipe

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/authcall/authcall/internal/localgcp"
	"github.com/authcall/authcall/internal/logging"
)

// localFlags are about the embedded local Google.
type localFlags struct {
	// on says that it is used.
	on bool
	// config is its configuration file; empty means the default configuration.
	config string
	// stateDir keeps what survives a restart; empty means the default directory.
	stateDir string
	// ownImage is an image that is the step's own under another name.
	ownImage string
	// brief says that it is for one command, which tells of its run itself: of the
	// local Google only errors are told.
	brief bool
}

func (l *localFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&l.on, "local", false, "use an embedded local Google, with steps on this machine")
	l.registerAs(flags, "local-config")
}

func (l *localFlags) registerAs(flags *pflag.FlagSet, config string) {
	flags.StringVar(&l.config, config, "", "`FILE` that says what the local Google holds (default: see authpipe local config)")
	flags.StringVar(&l.stateDir, "state-dir", "", "`DIR` for its keys, jobs and buckets (default: "+filepath.Join("$XDG_STATE_HOME", "authpipe")+")")
}

// localOptions are what the local Google is started with.
type localOptions struct {
	config   *localgcp.Config
	stateDir string
	// ownImage is an image that is the step's own under another name; it may be
	// empty.
	ownImage string
	// logLevel is how much it says of itself.
	logLevel string
}

// localGoogle is what the commands need of *localgcp.Server.
type localGoogle interface {
	// VertexEndpoint is the host:port of its pipeline service.
	VertexEndpoint() string
	// SubmitterCredentialsFile holds credentials of the configured submitter.
	SubmitterCredentialsFile() string
	// LocalPath is the file of a gs:// URI.
	LocalPath(uri string) string
	// Example are parameters with which a built-in pipeline calls an example.
	Example(pipeline string) map[string]string
	// Env points other clients at it.
	Env() []localgcp.EnvVar
	// Close ends its runs and all else.
	Close() error
}

// options reads the configuration and finds the state directory.
func (l localFlags) options() (localOptions, error) {
	o := localOptions{stateDir: l.stateDir, ownImage: l.ownImage, logLevel: "warn"}
	if l.brief {
		o.logLevel = "error"
	}
	var err error
	if l.config == "" {
		o.config, err = localgcp.Default()
	} else {
		o.config, err = localgcp.LoadConfig(l.config)
	}
	if err != nil {
		return localOptions{}, usageErrorf("configuration of the local Google: %w", err)
	}
	if o.stateDir == "" {
		o.stateDir, err = defaultStateDir()
	}
	return o, err
}

// defaultStateDir follows the XDG base directory specification.
func defaultStateDir() (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the specification wants others ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", usageErrorf("no home directory to keep state in, give --state-dir: %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "authpipe"), nil
}

func (f *factory) startLocalGoogle(ctx context.Context, o localOptions) (localGoogle, error) {
	log, err := logging.New(f.stderr, logging.Options{Level: o.logLevel, Format: "text"})
	if err != nil {
		return nil, err
	}
	options := localgcp.Options{Config: o.config, StateDir: o.stateDir, Log: log}
	if o.ownImage != "" {
		options.OwnImages = []string{o.ownImage}
	}
	server, err := localgcp.Start(ctx, options)
	if err != nil {
		return nil, notStarted(err)
	}
	return server, nil
}

// notStarted tells why the local Google did not start. All files that it touches
// are in its state directory, which the user chooses.
func notStarted(err error) error {
	if is[*fs.PathError](err) {
		return withCure(usageErrorf("the local Google did not start: %w", err), "give --state-dir a folder that you may write to")
	}
	return fmt.Errorf("the local Google did not start: %w", err)
}

func newLocal(f *factory) *cobra.Command {
	group := newGroup("local", "Run the embedded local Google", newLocalUp(f, nil), newLocalAdvance(f), newLocalConfig(f))
	group.Example = "  authpipe local up --env-file local.env\n  authpipe local advance 24h\n  authpipe local config > google.yaml"
	return group
}
