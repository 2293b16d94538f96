package pipelineservice

import (
	"strings"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

func TestMask(t *testing.T) {
	t.Parallel()
	const whole = `{"name": "n", "displayName": "d", "labels": {"a": "b"}, "runtimeConfig": {"gcsOutputDirectory": "gs://b", "failurePolicy": 1},
		"pipelineSpec": {"pipelineInfo": {"name": "p", "description": "x"}, "root": {}}}`
	cases := []struct {
		name    string
		paths   []string
		want    string
		wantErr string
	}{
		{name: "none keeps all", want: whole},
		{name: "star keeps all", paths: []string{"name", "*"}, want: whole},
		{name: "fields", paths: []string{"name", "labels"}, want: `{"name": "n", "labels": {"a": "b"}}`},
		{name: "a field of a message", paths: []string{"runtime_config.gcs_output_directory"}, want: `{"runtimeConfig": {"gcsOutputDirectory": "gs://b"}}`},
		{name: "a key of a struct", paths: []string{"pipeline_spec.pipelineInfo"}, want: `{"pipelineSpec": {"pipelineInfo": {"name": "p", "description": "x"}}}`},
		{name: "a key of a struct as JSON masks leave it", paths: []string{"pipeline_spec.pipeline_info.name"}, want: `{"pipelineSpec": {"pipelineInfo": {"name": "p"}}}`},
		{name: "whole and part", paths: []string{"runtime_config", "runtime_config.failure_policy"}, want: `{"runtimeConfig": {"gcsOutputDirectory": "gs://b", "failurePolicy": 1}}`},
		{name: "part and whole", paths: []string{"runtime_config.failure_policy", "runtime_config"}, want: `{"runtimeConfig": {"gcsOutputDirectory": "gs://b", "failurePolicy": 1}}`},
		{name: "no such field", paths: []string{"nope"}, wantErr: `PipelineJob has no field "nope"`},
		{name: "no such field below", paths: []string{"runtime_config.nope"}, wantErr: `RuntimeConfig has no field "nope"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := parseMask(&fieldmaskpb.FieldMask{Paths: c.paths}, &aiplatformpb.PipelineJob{})
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("parseMask() error = %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, want := parseJob(t, whole), parseJob(t, c.want)
			m.apply(got.ProtoReflect())
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("job (-want +got):\n%s", diff)
			}
		})
	}
}

func parseJob(t *testing.T, text string) *aiplatformpb.PipelineJob {
	t.Helper()
	job := new(aiplatformpb.PipelineJob)
	if err := protojson.Unmarshal([]byte(text), job); err != nil {
		t.Fatal(err)
	}
	return job
}
