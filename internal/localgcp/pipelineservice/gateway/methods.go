package gateway

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

type methods struct {
	service aiplatformpb.PipelineServiceServer
}

func (m methods) create(ctx context.Context, r *http.Request) (proto.Message, error) {
	job := new(aiplatformpb.PipelineJob)
	if err := readMessage(r, job); err != nil {
		return nil, err
	}
	return m.service.CreatePipelineJob(ctx, &aiplatformpb.CreatePipelineJobRequest{
		Parent:        parentOf(r),
		PipelineJob:   job,
		PipelineJobId: parameter(r.URL.Query(), "pipelineJobId", "pipeline_job_id"),
	})
}

func (m methods) list(ctx context.Context, r *http.Request) (proto.Message, error) {
	q := r.URL.Query()
	req := &aiplatformpb.ListPipelineJobsRequest{
		Parent:    parentOf(r),
		Filter:    q.Get("filter"),
		PageToken: parameter(q, "pageToken", "page_token"),
		OrderBy:   parameter(q, "orderBy", "order_by"),
	}
	if text := parameter(q, "pageSize", "page_size"); text != "" {
		size, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "Invalid value at 'page_size': want an integer, got %q.", text)
		}
		req.PageSize = int32(size)
	}
	if text := parameter(q, "readMask", "read_mask"); text != "" {
		req.ReadMask = &fieldmaskpb.FieldMask{Paths: strings.Split(snakeCase(text), ",")}
	}
	return m.service.ListPipelineJobs(ctx, req)
}

func (m methods) get(ctx context.Context, r *http.Request) (proto.Message, error) {
	return m.service.GetPipelineJob(ctx, &aiplatformpb.GetPipelineJobRequest{Name: nameOf(r, r.PathValue("id"))})
}

func (m methods) remove(ctx context.Context, r *http.Request) (proto.Message, error) {
	return m.service.DeletePipelineJob(ctx, &aiplatformpb.DeletePipelineJobRequest{Name: nameOf(r, r.PathValue("id"))})
}

// act serves the verbs that follow a job's name.
func (m methods) act(ctx context.Context, r *http.Request) (proto.Message, error) {
	id, isCancel := strings.CutSuffix(r.PathValue("id"), ":cancel")
	if !isCancel {
		return unknown(ctx, r)
	}
	return m.service.CancelPipelineJob(ctx, &aiplatformpb.CancelPipelineJobRequest{Name: nameOf(r, id)})
}

func (m methods) batchDelete(ctx context.Context, r *http.Request) (proto.Message, error) {
	req := new(aiplatformpb.BatchDeletePipelineJobsRequest)
	if err := readMessage(r, req); err != nil {
		return nil, err
	}
	req.Parent = parentOf(r)
	return m.service.BatchDeletePipelineJobs(ctx, req)
}

func (m methods) batchCancel(ctx context.Context, r *http.Request) (proto.Message, error) {
	req := new(aiplatformpb.BatchCancelPipelineJobsRequest)
	if err := readMessage(r, req); err != nil {
		return nil, err
	}
	req.Parent = parentOf(r)
	return m.service.BatchCancelPipelineJobs(ctx, req)
}

func parentOf(r *http.Request) string {
	return "projects/" + r.PathValue("project") + "/locations/" + r.PathValue("location")
}

func nameOf(r *http.Request, id string) string { return parentOf(r) + "/pipelineJobs/" + id }

// parameter is a query parameter by its JSON name or its proto name; Google's
// APIs take both.
func parameter(q url.Values, jsonName, protoName string) string {
	if q.Has(jsonName) {
		return q.Get(jsonName)
	}
	return q.Get(protoName)
}

// snakeCase turns the JSON names of a field mask into proto names.
func snakeCase(mask string) string {
	var b strings.Builder
	for _, r := range mask {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
