package terraform

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/rights"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

const (
	account = "caller@my-project.iam.gserviceaccount.com"
	parent  = "projects/my-project/locations/us-central1"
	// awkward is a body in which HCL's own marks stand for themselves.
	awkward = "{\"a\": \"${b} %{c} \\\\ \\\"\"}\nünïcode"
)

func begin(t *testing.T, api rights.API, target string, token sender.Token) *File {
	t.Helper()
	setup := rights.Setup{API: api, Project: "my-project", ProjectNumber: Number, Token: token}
	var err error
	if setup.Target, err = rights.ParseTarget(target, "us-central1", "my-project"); err != nil {
		t.Fatal(err)
	}
	if target == "vertex" {
		setup.RunAs = "pipeline@my-project.iam.gserviceaccount.com"
	}
	f := New("my-project")
	f.Rights(api, setup.Needs())
	return f
}

func files(t *testing.T) map[string][]byte {
	t.Helper()
	oidc := sender.Token{ServiceAccount: account, Audience: "https://hello.example.com"}
	oauth := sender.Token{ServiceAccount: account, Scope: sender.CloudPlatform}
	job := begin(t, rights.Scheduler(), "cloudrun:hello", oidc)
	job.Job(&schedulerpb.Job{
		Name: parent + "/jobs/nightly", Description: "d", Schedule: "0 3 * * *", TimeZone: "Europe/Berlin", AttemptDeadline: durationpb.New(90 * time.Second),
		RetryConfig: &schedulerpb.RetryConfig{RetryCount: 3, MinBackoffDuration: durationpb.New(1500 * time.Millisecond), MaxBackoffDuration: durationpb.New(time.Hour), MaxDoublings: 5},
		Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{
			Uri: "https://hello.example.com/run", HttpMethod: schedulerpb.HttpMethod_POST, Body: []byte(awkward), Headers: map[string]string{"Content-Type": "application/json", "X-A": "${x}"},
			AuthorizationHeader: &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: account, Audience: oidc.Audience}},
		}},
	}, "us-central1")
	pipeline := begin(t, rights.Scheduler(), "vertex", oauth)
	pipeline.Job(&schedulerpb.Job{
		Name: parent + "/jobs/1st-pipeline", Schedule: "0 3 * * 1",
		Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{
			Uri: "https://us-central1-aiplatform.googleapis.com/v1/" + parent + "/pipelineJobs", HttpMethod: schedulerpb.HttpMethod_POST,
			AuthorizationHeader: &schedulerpb.HttpTarget_OauthToken{OauthToken: &schedulerpb.OAuthToken{ServiceAccountEmail: account, Scope: oauth.Scope}},
		}},
	}, "us-central1")
	queue := begin(t, rights.Tasks(), "function-gen1:hello", oidc)
	queue.Queue(&cloudtaskspb.Queue{
		Name: parent + "/queues/work", RateLimits: &cloudtaskspb.RateLimits{MaxDispatchesPerSecond: 0.5, MaxConcurrentDispatches: 2},
		RetryConfig: &cloudtaskspb.RetryConfig{MaxAttempts: -1, MaxRetryDuration: durationpb.New(time.Hour), MinBackoff: durationpb.New(100 * time.Millisecond), MaxBackoff: durationpb.New(time.Minute), MaxDoublings: 3},
	}, "us-central1")
	sub := begin(t, rights.PubSub(), "iap:web", oidc)
	sub.Subscription(&pubsubpb.Subscription{
		Name: "projects/my-project/subscriptions/orders.push", Topic: "projects/my-project/topics/orders", AckDeadlineSeconds: 60, Filter: `attributes.kind = "order"`,
		PushConfig: &pubsubpb.PushConfig{
			PushEndpoint:         "https://hello.example.com/orders",
			AuthenticationMethod: &pubsubpb.PushConfig_OidcToken_{OidcToken: &pubsubpb.PushConfig_OidcToken{ServiceAccountEmail: account, Audience: oidc.Audience}},
			Wrapper:              &pubsubpb.PushConfig_NoWrapper_{NoWrapper: &pubsubpb.PushConfig_NoWrapper{WriteMetadata: true}},
		},
		RetryPolicy:      &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(10 * time.Second), MaximumBackoff: durationpb.New(time.Minute)},
		DeadLetterPolicy: &pubsubpb.DeadLetterPolicy{DeadLetterTopic: "projects/other/topics/dead", MaxDeliveryAttempts: 5},
	})
	return map[string][]byte{"job.tf": job.Bytes(), "pipeline.tf": pipeline.Bytes(), "queue.tf": queue.Bytes(), "subscription.tf": sub.Bytes()}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	for name, got := range files(t) {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not up to date, run with -update (-written +now):\n%s", name, diff)
		}
	}
}

// What was written is read back by Terraform's own language: every reference leads
// to something that is there, and text is what it was.
func TestFilesAreTerraform(t *testing.T) {
	t.Parallel()
	for name, data := range files(t) {
		parsed, problems := hclsyntax.ParseConfig(data, name, hcl.InitialPos)
		if problems.HasErrors() {
			t.Errorf("%s: %v", name, problems)
			continue
		}
		body := parsed.Body.(*hclsyntax.Body)
		there := map[string]bool{}
		for _, b := range body.Blocks {
			address := strings.Join(b.Labels, ".")
			if b.Type == "data" {
				address = "data." + address
			}
			if there[address] {
				t.Errorf("%s: %s is there twice", name, address)
			}
			there[address] = true
		}
		for _, b := range body.Blocks {
			for _, reference := range references(b.Body) {
				if !there[reference] {
					t.Errorf("%s: %s refers to %s, which is not there", name, b.Labels, reference)
				}
			}
		}
	}
}

func references(body *hclsyntax.Body) []string {
	var all []string
	for _, a := range body.Attributes {
		for _, variable := range a.Expr.Variables() {
			parts := []string{variable.RootName()}
			for _, step := range variable[1:] {
				parts = append(parts, step.(hcl.TraverseAttr).Name)
			}
			length := 2
			if parts[0] == "data" {
				length = 3
			}
			all = append(all, strings.Join(parts[:length], "."))
		}
	}
	for _, b := range body.Blocks {
		all = append(all, references(b.Body)...)
	}
	return all
}

func TestTextIsWhatItWas(t *testing.T) {
	t.Parallel()
	parsed, problems := hclsyntax.ParseConfig(files(t)["job.tf"], "job.tf", hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	target := find(t, find(t, parsed.Body.(*hclsyntax.Body), "resource", "google_cloud_scheduler_job"), "http_target")
	same := function.New(&function.Spec{Params: []function.Parameter{{Name: "s", Type: cty.String}}, Type: function.StaticReturnType(cty.String), Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		return args[0], nil
	}})
	body, problems := target.Attributes["body"].Expr.Value(&hcl.EvalContext{Functions: map[string]function.Function{"base64encode": same}})
	if problems.HasErrors() || body.AsString() != awkward {
		t.Errorf("body = %v, %v, want %q", body, problems, awkward)
	}
	headers, problems := target.Attributes["headers"].Expr.Value(nil)
	if problems.HasErrors() || headers.AsValueMap()["X-A"].AsString() != "${x}" {
		t.Errorf("headers = %v, %v", headers, problems)
	}
}

func find(t *testing.T, body *hclsyntax.Body, kind string, labels ...string) *hclsyntax.Body {
	t.Helper()
	for _, b := range body.Blocks {
		if b.Type == kind && (len(labels) == 0 || b.Labels[0] == labels[0]) {
			return b.Body
		}
	}
	t.Fatalf("there is no %s %v", kind, labels)
	return nil
}

// The library's formatter leaves the files as they are; so does Terraform's own
// program, which is asked where there is one.
func TestFilesAreFormatted(t *testing.T) {
	t.Parallel()
	program, missing := exec.LookPath("terraform")
	for name, data := range files(t) {
		if diff := cmp.Diff(string(hclwrite.Format(data)), string(data)); diff != "" {
			t.Errorf("%s (-formatted +got):\n%s", name, diff)
		}
		if missing != nil {
			continue
		}
		cmd := exec.CommandContext(t.Context(), program, "fmt", "-check", "-diff", "-")
		cmd.Stdin = bytes.NewReader(data)
		cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
