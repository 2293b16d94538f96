package pipelineservice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Options are what a Service is made of.
type Options struct {
	// Dir is the directory that keeps the jobs, a JSON file each. It is made
	// when the first job is.
	Dir string
	// Authenticator knows the callers.
	Authenticator Authenticator
	// Policy decides what they may do.
	Policy Policy
	// DefaultAccount is the email of the service account of jobs that name none.
	DefaultAccount string
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

	authenticator  Authenticator
	policy         Policy
	defaultAccount string
	runner         Runner
	store          store
	log            zerolog.Logger
	now            func() time.Time

	running sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	records map[string]*record // by the job's name
}

// New returns a service that knows the jobs kept in o.Dir. Those that were
// under way when their server ended are failed, for nothing runs them any more.
func New(o Options) (*Service, error) {
	s := &Service{
		authenticator:  o.Authenticator,
		policy:         o.Policy,
		defaultAccount: o.DefaultAccount,
		runner:         o.Runner,
		store:          store{o.Dir},
		log:            o.Log,
		now:            o.Now,
		records:        map[string]*record{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	jobs, err := s.store.load()
	if err != nil {
		return nil, err
	}
	for _, job := range jobs {
		if !ended(job.GetState()) {
			abandon(job, s.now())
			s.save(job)
		}
		s.records[job.GetName()] = &record{job: job}
	}
	return s, nil
}

// Close cancels the runs under way and waits until they have ended. No job can
// be made afterwards.
func (s *Service) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, r := range s.records {
		r.cancel(errStopped, s.now())
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// GetPipelineJob returns a job as it is now.
func (s *Service) GetPipelineJob(ctx context.Context, req *aiplatformpb.GetPipelineJobRequest) (*aiplatformpb.PipelineJob, error) {
	r, err := s.find(ctx, permissionGet, req.GetName())
	if err != nil {
		return nil, err
	}
	return r.snapshot(), nil
}

// find returns the record of a job that the caller may act on.
func (s *Service) find(ctx context.Context, permission, name string) (*record, error) {
	in, _, err := parseName(name)
	if err != nil {
		return nil, err
	}
	if _, err := s.authorize(ctx, permission, in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[name]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "The PipelineJob does not exist: %s.", name)
	}
	return r, nil
}

// add makes the record of a new job, or refuses.
func (s *Service) add(r *record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.job.GetName()
	if s.closed {
		return status.Error(codes.Unavailable, "The local service is stopping.")
	}
	if _, taken := s.records[name]; taken {
		return status.Errorf(codes.AlreadyExists, "The PipelineJob already exists: %s.", name)
	}
	if err := s.store.save(r.job); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	s.records[name] = r
	s.running.Add(1)
	return nil
}

// jobs copies the jobs of a location.
func (s *Service) jobs(in parent) []*aiplatformpb.PipelineJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	var jobs []*aiplatformpb.PipelineJob
	for name, r := range s.records {
		if strings.HasPrefix(name, in.name("")) {
			jobs = append(jobs, r.snapshot())
		}
	}
	return jobs
}

// save keeps a job that goes on in memory whatever becomes of its file.
func (s *Service) save(job *aiplatformpb.PipelineJob) {
	if err := s.store.save(job); err != nil {
		s.log.Error().Err(err).Msg("a pipeline job could not be saved")
	}
}

// forget removes jobs, none of which may be running.
func (s *Service) forget(names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		r, ok := s.records[name]
		if !ok {
			return status.Errorf(codes.NotFound, "The PipelineJob does not exist: %s.", name)
		}
		if state := r.snapshot().GetState(); !ended(state) {
			return status.Errorf(codes.FailedPrecondition, "The PipelineJob %s is in state %s: cancel it first.", name, state)
		}
	}
	for _, name := range names {
		if err := s.store.remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return status.Error(codes.Internal, fmt.Sprintf("removing job %s: %v", name, err))
		}
		delete(s.records, name)
	}
	return nil
}
