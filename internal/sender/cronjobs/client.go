package cronjobs

import (
	"context"
	"fmt"

	scheduler "cloud.google.com/go/scheduler/apiv1"
	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
)

// Address is where Google serves Cloud Scheduler.
const Address = "cloudscheduler.googleapis.com:443"

// Client speaks to Cloud Scheduler. Its errors are *gapi.Error, or the context's.
type Client struct {
	api *scheduler.CloudSchedulerClient
}

// NewClient sends nothing yet; the caller closes it.
func NewClient(ctx context.Context, c gapi.Connection) (*Client, error) {
	options, err := c.Options()
	if err != nil {
		return nil, err
	}
	api, err := scheduler.NewCloudSchedulerClient(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Address, err)
	}
	api.CallOptions = &scheduler.CloudSchedulerCallOptions{} // one layer of retry is enough
	return &Client{api}, nil
}

// Close closes the connection.
func (c *Client) Close() error { return c.api.Close() }

// Get returns the job as it is.
func (c *Client) Get(ctx context.Context, name string) (*schedulerpb.Job, error) {
	return sender.Again(ctx, "looking at job "+name, func(ctx context.Context) (*schedulerpb.Job, error) {
		return c.api.GetJob(ctx, &schedulerpb.GetJobRequest{Name: name})
	})
}

// Create makes a job.
func (c *Client) Create(ctx context.Context, job *schedulerpb.Job) (*schedulerpb.Job, error) {
	return sender.Once(ctx, "creating job "+job.GetName(), func(ctx context.Context) (*schedulerpb.Job, error) {
		return c.api.CreateJob(ctx, &schedulerpb.CreateJobRequest{Parent: sender.Parent(job.GetName()), Job: job})
	})
}

// Update changes the fields that the mask names.
func (c *Client) Update(ctx context.Context, job *schedulerpb.Job, mask []string) (*schedulerpb.Job, error) {
	return sender.Again(ctx, "updating job "+job.GetName(), func(ctx context.Context) (*schedulerpb.Job, error) {
		return c.api.UpdateJob(ctx, &schedulerpb.UpdateJobRequest{Job: job, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}})
	})
}

// Delete deletes a job.
func (c *Client) Delete(ctx context.Context, name string) error {
	_, err := sender.Once(ctx, "deleting job "+name, func(ctx context.Context) (any, error) {
		return nil, c.api.DeleteJob(ctx, &schedulerpb.DeleteJobRequest{Name: name})
	})
	return err
}

// List returns at most limit jobs below projects/PROJECT/locations/LOCATION.
func (c *Client) List(ctx context.Context, parent string, limit int) ([]*schedulerpb.Job, error) {
	return sender.Again(ctx, "listing the jobs of "+parent, func(ctx context.Context) ([]*schedulerpb.Job, error) {
		return sender.Collect(c.api.ListJobs(ctx, &schedulerpb.ListJobsRequest{Parent: parent}).Next, limit)
	})
}

// Run makes an attempt now, and returns the job as it was before the attempt's
// end.
func (c *Client) Run(ctx context.Context, name string) (*schedulerpb.Job, error) {
	return sender.Once(ctx, "running job "+name, func(ctx context.Context) (*schedulerpb.Job, error) {
		return c.api.RunJob(ctx, &schedulerpb.RunJobRequest{Name: name})
	})
}
