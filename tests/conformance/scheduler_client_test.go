package conformance

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	scheduler "cloud.google.com/go/scheduler/apiv1"
	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/googleapis/gax-go/v2/apierror"
	"golang.org/x/oauth2"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/tests/internal/need"
)

// schedulerClients are Google's clients with the developer's token, by how they
// speak.
func schedulerClients(t *testing.T, g *localGoogle) map[string]*scheduler.CloudSchedulerClient {
	t.Helper()
	token, err := os.ReadFile(g.value(t, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	overRPC, err := scheduler.NewCloudSchedulerClient(t.Context(),
		option.WithEndpoint(g.value(t, "AUTHPIPE_SCHEDULER_ENDPOINT")),
		option.WithoutAuthentication(), // of the client's own, which wants TLS
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithPerRPCCredentials(bearer(strings.TrimSpace(string(token))))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = overRPC.Close() })
	overREST, err := scheduler.NewCloudSchedulerRESTClient(t.Context(),
		option.WithEndpoint(strings.TrimSuffix(g.value(t, "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER"), "/")),
		option.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: strings.TrimSpace(string(token))})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = overREST.Close() })
	return map[string]*scheduler.CloudSchedulerClient{"grpc": overRPC, "rest": overREST}
}

func TestGosClientOfCloudScheduler(t *testing.T) {
	t.Parallel()
	need.Time(t, "starts a local Google")
	in := newInbox(t)
	const parent = "projects/local-project/locations/us-central1"
	for protocol, client := range schedulerClients(t, in.google) {
		t.Run(protocol, func(t *testing.T) {
			name := parent + "/jobs/job-" + protocol
			want := &schedulerpb.Job{
				Name: name, Schedule: "0 0 29 2 *", TimeZone: "Asia/Kolkata", Description: "a job",
				RetryConfig:     &schedulerpb.RetryConfig{RetryCount: 2, MinBackoffDuration: durationpb.New(7e9)},
				AttemptDeadline: durationpb.New(60e9),
				Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{
					Uri: in.url(t) + "/" + protocol, HttpMethod: schedulerpb.HttpMethod_PUT, Body: []byte("body"),
					AuthorizationHeader: &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: caller, Audience: in.url(t)}},
				}},
			}
			made, err := client.CreateJob(t.Context(), &schedulerpb.CreateJobRequest{Parent: parent, Job: want})
			if err != nil {
				t.Fatal(err)
			}
			checkMade(t, want, made)
			_, err = client.CreateJob(t.Context(), &schedulerpb.CreateJobRequest{Parent: parent, Job: want})
			checkCode(t, err, codes.AlreadyExists)
			if _, err := client.RunJob(t.Context(), &schedulerpb.RunJobRequest{Name: name}); err != nil {
				t.Fatal(err)
			}
			if got := in.next(t); got.path != "/"+protocol || got.body != "body" {
				t.Errorf("got %s %q", got.path, got.body)
			}
			changeJob(t, client, name)
			if err := client.DeleteJob(t.Context(), &schedulerpb.DeleteJobRequest{Name: name}); err != nil {
				t.Fatal(err)
			}
			_, err = client.GetJob(t.Context(), &schedulerpb.GetJobRequest{Name: name})
			checkCode(t, err, codes.NotFound)
		})
	}
}

// checkMade wants what was asked for, beside what the service fills in.
func checkMade(t *testing.T, want, made *schedulerpb.Job) {
	t.Helper()
	filled := proto.CloneOf(made)
	proto.Merge(filled, want) // which changes nothing where all is as asked for
	if !proto.Equal(filled, made) || made.GetState() != schedulerpb.Job_ENABLED || made.GetScheduleTime() == nil {
		t.Errorf("got %v, want what is in %v", made, want)
	}
}

func checkCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	told, ok := errors.AsType[*apierror.APIError](err)
	if !ok {
		t.Fatalf("got %v, want an error of the API", err)
	}
	// Over REST the client knows the status of HTTP alone.
	overHTTP := map[codes.Code]int{codes.AlreadyExists: http.StatusConflict, codes.FailedPrecondition: http.StatusBadRequest, codes.NotFound: http.StatusNotFound}
	if told.HTTPCode() != overHTTP[want] && told.GRPCStatus().Code() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// changeJob updates, pauses, resumes and lists a job.
func changeJob(t *testing.T, client *scheduler.CloudSchedulerClient, name string) {
	t.Helper()
	updated, err := client.UpdateJob(t.Context(), &schedulerpb.UpdateJobRequest{
		Job:        &schedulerpb.Job{Name: name, RetryConfig: &schedulerpb.RetryConfig{RetryCount: 4}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"retry_config.retry_count"}},
	})
	if err != nil || updated.GetRetryConfig().GetRetryCount() != 4 || updated.GetRetryConfig().GetMinBackoffDuration().GetSeconds() != 7 {
		t.Errorf("got %v, %v, want 4 retries and the rest as it was", updated.GetRetryConfig(), err)
	}
	_, err = client.ResumeJob(t.Context(), &schedulerpb.ResumeJobRequest{Name: name})
	checkCode(t, err, codes.FailedPrecondition)
	if job, err := client.PauseJob(t.Context(), &schedulerpb.PauseJobRequest{Name: name}); err != nil || job.GetState() != schedulerpb.Job_PAUSED {
		t.Errorf("got %v, %v, want a paused job", job, err)
	}
	if job, err := client.ResumeJob(t.Context(), &schedulerpb.ResumeJobRequest{Name: name}); err != nil || job.GetState() != schedulerpb.Job_ENABLED {
		t.Errorf("got %v, %v, want an enabled job", job, err)
	}
	jobs := client.ListJobs(t.Context(), &schedulerpb.ListJobsRequest{Parent: name[:strings.Index(name, "/jobs/")], PageSize: 1})
	found := false
	for {
		job, err := jobs.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		found = found || job.GetName() == name
	}
	if !found {
		t.Errorf("%s is not listed", name)
	}
}
