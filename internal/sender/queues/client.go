package queues

import (
	"context"
	"fmt"

	cloudtasks "cloud.google.com/go/cloudtasks/apiv2"
	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
)

// Address is where Google serves Cloud Tasks.
const Address = "cloudtasks.googleapis.com:443"

// Client speaks to Cloud Tasks. Its errors are *gapi.Error, or the context's.
type Client struct{ api *cloudtasks.Client }

// NewClient sends nothing yet; the caller closes it.
func NewClient(ctx context.Context, c gapi.Connection) (*Client, error) {
	options, err := c.Options()
	if err != nil {
		return nil, err
	}
	api, err := cloudtasks.NewClient(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Address, err)
	}
	api.CallOptions = &cloudtasks.CallOptions{} // one layer of retry is enough
	return &Client{api}, nil
}

// Close closes the connection.
func (c *Client) Close() error { return c.api.Close() }

// Get returns the queue as it is.
func (c *Client) Get(ctx context.Context, name string) (*cloudtaskspb.Queue, error) {
	return sender.Again(ctx, "looking at queue "+name, func(ctx context.Context) (*cloudtaskspb.Queue, error) {
		return c.api.GetQueue(ctx, &cloudtaskspb.GetQueueRequest{Name: name})
	})
}

// Create makes a queue.
func (c *Client) Create(ctx context.Context, queue *cloudtaskspb.Queue) (*cloudtaskspb.Queue, error) {
	return sender.Once(ctx, "creating queue "+queue.GetName(), func(ctx context.Context) (*cloudtaskspb.Queue, error) {
		return c.api.CreateQueue(ctx, &cloudtaskspb.CreateQueueRequest{Parent: sender.Parent(queue.GetName()), Queue: queue})
	})
}

// Update changes the fields that the mask names.
func (c *Client) Update(ctx context.Context, queue *cloudtaskspb.Queue, mask []string) (*cloudtaskspb.Queue, error) {
	return sender.Again(ctx, "updating queue "+queue.GetName(), func(ctx context.Context) (*cloudtaskspb.Queue, error) {
		return c.api.UpdateQueue(ctx, &cloudtaskspb.UpdateQueueRequest{Queue: queue, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}})
	})
}

// Delete deletes a queue with its tasks.
func (c *Client) Delete(ctx context.Context, name string) error {
	_, err := sender.Once(ctx, "deleting queue "+name, func(ctx context.Context) (any, error) {
		return nil, c.api.DeleteQueue(ctx, &cloudtaskspb.DeleteQueueRequest{Name: name})
	})
	return err
}

// List returns at most limit queues below projects/PROJECT/locations/LOCATION.
func (c *Client) List(ctx context.Context, parent string, limit int) ([]*cloudtaskspb.Queue, error) {
	return sender.Again(ctx, "listing the queues of "+parent, func(ctx context.Context) ([]*cloudtaskspb.Queue, error) {
		return sender.Collect(c.api.ListQueues(ctx, &cloudtaskspb.ListQueuesRequest{Parent: parent}).Next, limit)
	})
}

// Enqueue puts a task into a queue.
func (c *Client) Enqueue(ctx context.Context, queue string, task *cloudtaskspb.Task) (*cloudtaskspb.Task, error) {
	return sender.Once(ctx, "enqueueing a task in "+queue, func(ctx context.Context) (*cloudtaskspb.Task, error) {
		return c.api.CreateTask(ctx, &cloudtaskspb.CreateTaskRequest{Parent: queue, Task: task, ResponseView: cloudtaskspb.Task_FULL})
	})
}

// GetTask returns the task as it is.
func (c *Client) GetTask(ctx context.Context, name string) (*cloudtaskspb.Task, error) {
	return sender.Again(ctx, "looking at task "+name, func(ctx context.Context) (*cloudtaskspb.Task, error) {
		return c.api.GetTask(ctx, &cloudtaskspb.GetTaskRequest{Name: name, ResponseView: cloudtaskspb.Task_FULL})
	})
}

// ListTasks returns at most limit tasks of a queue.
func (c *Client) ListTasks(ctx context.Context, queue string, limit int) ([]*cloudtaskspb.Task, error) {
	return sender.Again(ctx, "listing the tasks of "+queue, func(ctx context.Context) ([]*cloudtaskspb.Task, error) {
		return sender.Collect(c.api.ListTasks(ctx, &cloudtaskspb.ListTasksRequest{Parent: queue}).Next, limit)
	})
}

// DeleteTask takes a task out of its queue.
func (c *Client) DeleteTask(ctx context.Context, name string) error {
	_, err := sender.Once(ctx, "deleting task "+name, func(ctx context.Context) (any, error) {
		return nil, c.api.DeleteTask(ctx, &cloudtaskspb.DeleteTaskRequest{Name: name})
	})
	return err
}
