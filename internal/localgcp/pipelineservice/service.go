package pipelineservice

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Options are what a Service is made of.
type Options struct {
	// Dir is the directory that keeps the jobs, a JSON file each. It is made
	// when the first job is. Services of several processes may share it.
	Dir string
	// Policy decides what callers may do.
	Policy Policy
	// DefaultAccount is the email of the service account of jobs that name none.
	DefaultAccount string
	// ForeignAccounts lets jobs run under service accounts of other projects,
	// which Google's organizations forbid unless they are told otherwise.
	ForeignAccounts bool
	// Runner runs the jobs.
	Runner Runner
	// Log is told of what no caller is told.
	Log zerolog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Service is the pipeline service. Methods that are not here answer
// Unimplemented.
type Service struct {
	aiplatformpb.UnimplementedPipelineServiceServer

	policy         Policy
	defaultAccount string
	foreign        bool
	runner         Runner
	store          store
	log            zerolog.Logger
	now            func() time.Time

	running sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	records map[string]*record // the jobs that this service runs, by name
}

// New returns a service that knows the jobs kept in o.Dir. The caller closes it.
func New(o Options) *Service {
	s := &Service{
		policy:         o.Policy,
		defaultAccount: o.DefaultAccount,
		foreign:        o.ForeignAccounts,
		runner:         o.Runner,
		store:          store{o.Dir},
		log:            o.Log,
		now:            o.Now,
		records:        map[string]*record{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// Register serves the service's methods.
func (s *Service) Register(server *grpc.Server) {
	aiplatformpb.RegisterPipelineServiceServer(server, s)
}

// Close cancels the runs under way and waits until they have ended. No job can
// be made afterwards.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	for _, r := range s.records {
		r.cancel(errStopped, s.now())
	}
	s.mu.Unlock()
	s.running.Wait()
}

// GetPipelineJob returns a job as it is now.
func (s *Service) GetPipelineJob(ctx context.Context, req *aiplatformpb.GetPipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	if err := s.authorizeJob(ctx, permissionGet, req.GetName()); err != nil {
		return nil, err
	}
	return s.job(req.GetName())
}

// job returns a job of this service or of its directory.
func (s *Service) job(name string) (*aiplatformpb.PipelineJob, error) {
	if r, ok := s.record(name); ok {
		return r.snapshot(), nil
	}
	job, err := s.kept(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, status.Errorf(codes.NotFound, "The PipelineJob does not exist: %s.", name)
	case err != nil:
		return nil, status.Error(codes.Internal, err.Error())
	}
	return job, nil
}

// kept reads a job that this service does not run. One that goes on although
// nobody runs it any more is failed here and now.
func (s *Service) kept(name string) (*aiplatformpb.PipelineJob, error) {
	job, err := s.store.load(name)
	if err != nil || ended(job.GetState()) {
		return job, err
	}
	held, err := s.store.lock(name)
	if errors.Is(err, errLocked) {
		return job, nil
	}
	if err != nil {
		return nil, err
	}
	defer held.release()
	job, err = s.store.load(name) // it may have ended meanwhile
	if err != nil || ended(job.GetState()) {
		return job, err
	}
	abandon(job, s.now())
	return job, s.store.save(job)
}

// jobs returns the jobs of a location. One whose file is broken is left out and
// logged.
func (s *Service) jobs(in parent) ([]*aiplatformpb.PipelineJob, error) {
	names, err := s.store.names(in)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	jobs := make([]*aiplatformpb.PipelineJob, 0, len(names))
	for _, name := range names {
		job, err := s.job(name)
		if err != nil {
			s.log.Error().Err(err).Msg("a pipeline job cannot be listed")
			continue
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}
