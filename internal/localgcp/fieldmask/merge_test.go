package fieldmask_test

import (
	"strings"
	"testing"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/localgcp/fieldmask"
)

func queue(t testing.TB, text string) *cloudtaskspb.Queue {
	t.Helper()
	q := &cloudtaskspb.Queue{}
	if err := prototext.Unmarshal([]byte(text), q); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestMerge(t *testing.T) {
	t.Parallel()
	const old = `name: "q" rate_limits {max_dispatches_per_second: 1 max_burst_size: 2} retry_config {max_attempts: 3}`
	tests := []struct{ name, from, mask, want string }{
		{"nothing", `name: "other"`, ``, old},
		{"a field", `rate_limits {max_dispatches_per_second: 9 max_burst_size: 9}`, `rate_limits.max_dispatches_per_second`,
			`name: "q" rate_limits {max_dispatches_per_second: 9 max_burst_size: 2} retry_config {max_attempts: 3}`},
		{"a message", `rate_limits {max_dispatches_per_second: 9}`, `rate_limits`, `name: "q" rate_limits {max_dispatches_per_second: 9} retry_config {max_attempts: 3}`},
		{"cleared", ``, `rate_limits.max_burst_size,retry_config`, `name: "q" rate_limits {max_dispatches_per_second: 1}`},
		{"the last of a message", ``, `retry_config.max_attempts`, `name: "q" rate_limits {max_dispatches_per_second: 1 max_burst_size: 2}`},
		{"made", `http_target {uri_override {host: "h"}}`, `http_target.uri_override.host`, old + ` http_target {uri_override {host: "h"}}`},
		{"cleared where nothing is", ``, `http_target.uri_override.host`, old},
		{"choice", `http_target {oidc_token {audience: "a"}}`, `http_target.oidc_token`, old + ` http_target {oidc_token {audience: "a"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			into := queue(t, old)
			mask := &fieldmaskpb.FieldMask{}
			if tt.mask != "" {
				mask.Paths = strings.Split(tt.mask, ",")
			}
			if err := fieldmask.Merge(into, queue(t, tt.from), mask); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(queue(t, tt.want), into, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":                                    `Queue has no field ""`,
		"rate":                                `Queue has no field "rate"`,
		"rateLimits":                          `Queue has no field "rateLimits"`,
		"rate_limits.x":                       `RateLimits has no field "x"`,
		"name.x":                              `nothing is below "name"`,
		"http_target.header_overrides.header": `nothing is below "header_overrides"`,
	} {
		into := queue(t, `name: "q"`)
		err := fieldmask.Merge(into, queue(t, `name: "r"`), &fieldmaskpb.FieldMask{Paths: []string{"name", path}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", path, err, want)
		}
		if into.GetName() != "q" {
			t.Errorf("%q: a part was changed", path)
		}
	}
}

func FuzzMerge(f *testing.F) {
	f.Add("rate_limits.max_burst_size", "http_target.oauth_token")
	f.Add("http_target.uri_override.host", "name.")
	f.Fuzz(func(t *testing.T, one, other string) {
		into := queue(t, `name: "q" http_target {oidc_token {audience: "a"}}`)
		before := proto.CloneOf(into)
		mask := &fieldmaskpb.FieldMask{Paths: []string{one, other}}
		if err := fieldmask.Merge(into, queue(t, `rate_limits {max_burst_size: 1}`), mask); err != nil && !proto.Equal(before, into) {
			t.Errorf("it failed and changed the message: %v", into)
		}
		if err := fieldmask.Merge(before, before, mask); err == nil && before.GetName() != "q" {
			t.Errorf("a message merged with itself became %v", before)
		}
	})
}
