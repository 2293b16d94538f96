package localgcp

import (
	"context"
	"fmt"
	"io"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/localgcp/pipelineservice"
	"github.com/authcall/authcall/internal/localrun"
	"github.com/authcall/authcall/internal/localrun/launch"
)

// newPipelines makes the service; jobs can be made once it is served.
func (s *Server) newPipelines(o Options) *pipelineservice.Service {
	return pipelineservice.New(pipelineservice.Options{
		Dir:             s.state.path("jobs"),
		Policy:          s.directory,
		DefaultAccount:  s.config.PipelineAccount,
		ForeignAccounts: s.config.ForeignAccounts,
		Runner:          s.runner(o),
		Log:             s.log,
		Now:             s.clock.Now,
	})
}

// VertexEndpoint is the host:port of the pipeline service's gRPC API; its REST
// API is among the others.
func (s *Server) VertexEndpoint() string { return s.rpcAddress }

// runner runs jobs, each with the environment of its own service account.
func (s *Server) runner(o Options) *jobRunner {
	launcher := o.Launcher
	if launcher == nil {
		launcher = launch.ByImage{
			Images: append([]string{component.Repository}, o.OwnImages...),
			Own:    launch.Self{Env: []string{s.mountEnv().String()}},
			Other:  launch.Docker{Buckets: s.state.path("gcs")},
		}
	}
	return &jobRunner{server: s, launcher: launcher, output: o.StepOutput}
}

type jobRunner struct {
	server   *Server
	launcher localrun.Launcher
	output   io.Writer
}

// Run implements pipelineservice.Runner.
func (j *jobRunner) Run(ctx context.Context, run pipelineservice.Run) error {
	env, err := j.server.StepEnv(run.ServiceAccount)
	if err != nil {
		return err
	}
	run.Job.Env = env
	run.Job.Placeholders = map[string]string{
		"pipeline_google_cloud_location": j.server.config.Region,
		"pipeline_job_resource_name": fmt.Sprintf("projects/%s/locations/%s/pipelineJobs/%s",
			j.server.config.Project, j.server.config.Region, run.Job.ID),
		"pipeline_google_cloud_project_id": j.server.config.Project,
		"pipeline_service_account":         run.ServiceAccount,
	}
	runner := &localrun.Runner{Launcher: j.launcher, Paths: j.server, Observer: run.Observer, Output: j.output}
	return runner.Run(ctx, run.Job)
}
