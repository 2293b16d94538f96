package localgcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"

	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/clock"
	"github.com/authcall/authcall/internal/localgcp/delivery"
	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/issuer"
	"github.com/authcall/authcall/internal/localgcp/pipelineservice"
	"github.com/authcall/authcall/internal/localrun"
)

// Options are what a Server is started with.
type Options struct {
	// Config declares principals, policies and services; nil means Default.
	Config *Config
	// StateDir keeps keys, ports, jobs, buckets, and what is made and set over
	// restarts. It is made where it is missing.
	StateDir string
	// Log is told of every request, at level debug.
	Log zerolog.Logger
	// Launcher starts the steps of pipelines; nil runs those of our own image as
	// processes of this program, which must play authcall where argv[0] says so,
	// and all others in Docker.
	Launcher localrun.Launcher
	// OwnImages are references that stand for our own image too, as a copy of it
	// in another registry; a Launcher decides for itself.
	OwnImages []string
	// StepOutput gets what the steps print, line by line; it may be nil.
	StepOutput io.Writer
}

// Server is a running local Google.
type Server struct {
	config    *Config
	state     state
	log       zerolog.Logger
	clock     *clock.Clock
	directory *iam.Directory
	issuer    *issuer.Issuer
	listeners *listeners

	pipelines  *pipelineservice.Service
	deliver    *delivery.Client
	grpc       *grpc.Server
	claim      *claim
	rpcServers []rpcServer
	rpcFronts  []*apifront.Front

	apiURL     string            // of the REST APIs
	rpcAddress string            // host:port of the gRPC APIs
	services   map[string]string // origin of each service by its name

	mu       sync.Mutex
	metadata map[string]string // host:port of each account's metadata server

	stop context.CancelFunc // ends what runs in the background
	done sync.WaitGroup
}

// Start opens everything on 127.0.0.1. The caller must Close the server; ctx
// bounds the start alone.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := prepare(o)
	if err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if err := s.open(ctx, background); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare makes all that needs no port.
func prepare(o Options) (*Server, error) {
	config := o.Config
	if config == nil {
		var err error
		if config, err = Default(); err != nil {
			return nil, err
		}
	}
	if o.StateDir == "" {
		return nil, errors.New("no state directory")
	}
	dir, err := filepath.Abs(o.StateDir) // for it goes into environments
	if err != nil {
		return nil, err
	}
	s := &Server{config: config, state: state{dir}, log: o.Log, clock: config.clock(), services: map[string]string{}, metadata: map[string]string{}}
	secret, err := s.state.secret()
	if err != nil {
		return nil, err
	}
	if s.directory, err = config.directory(secret, s.clock.Now); err != nil {
		return nil, err
	}
	if s.issuer, err = issuer.Open(s.state.path("keys"), s.clock.Now); err != nil {
		return nil, err
	}
	if s.listeners, err = newListeners(s.state, o.Log, s.clock.Now); err != nil {
		return nil, err
	}
	s.pipelines = s.newPipelines(o)
	return s, nil
}

// open starts each part in the order in which one needs the other.
func (s *Server) open(ctx, background context.Context) error {
	if err := s.openClaim(); err != nil {
		return err
	}
	if err := s.openServices(ctx); err != nil {
		return err
	}
	if err := s.openAPIs(ctx); err != nil {
		return err
	}
	if _, err := s.metadataHost(ctx, s.config.PipelineAccount); err != nil {
		return err
	}
	if err := s.writeCredentials(); err != nil {
		return err
	}
	return s.keepCredentials(background)
}

// Close cancels the jobs under way, waits until they have ended, and stops all
// that the server runs.
func (s *Server) Close() error {
	s.stop()
	s.closeRPC()
	err := s.listeners.close()
	s.done.Wait()
	if s.claim != nil { // last, for calls change what it holds
		err = errors.Join(err, s.claim.close())
	}
	return err
}

// LocalPath is the file or directory that holds what a gs:// URI names, empty
// for any other URI.
func (s *Server) LocalPath(uri string) string { return s.state.local(uri) }

// principal finds a declared principal.
func (s *Server) principal(email string) (iam.Principal, error) {
	p, ok := s.directory.Lookup(email)
	if !ok {
		return p, fmt.Errorf("%q is no principal of the local Google", email)
	}
	return p, nil
}
