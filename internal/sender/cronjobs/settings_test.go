package cronjobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/authcall/authcall/internal/sender"
)

const (
	account = "caller@p.iam.gserviceaccount.com"
	url     = "https://hello-1.us-central1.run.app/run"
)

func ptr[T any](v T) *T { return &v }

// settings are those of a good job, changed.
func settings(change func(*Settings)) Settings {
	s := Settings{Call: sender.Settings{URL: ptr(url), ServiceAccount: ptr(account)}, Schedule: ptr("0 3 * * *")}
	if change != nil {
		change(&s)
	}
	return s
}

// shown is a job as Cloud Scheduler shows the one of settings(nil).
func shown() *schedulerpb.Job {
	return &schedulerpb.Job{
		Name: name, Schedule: "0 3 * * *", TimeZone: "UTC", State: schedulerpb.Job_ENABLED, AttemptDeadline: durationpb.New(3 * time.Minute),
		RetryConfig: &schedulerpb.RetryConfig{
			MaxRetryDuration: durationpb.New(0), MinBackoffDuration: durationpb.New(5 * time.Second), MaxBackoffDuration: durationpb.New(time.Hour), MaxDoublings: 5,
		},
		Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{
			Uri: url, HttpMethod: schedulerpb.HttpMethod_POST, Headers: map[string]string{"User-Agent": "Google-Cloud-Scheduler"},
			AuthorizationHeader: &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{
				ServiceAccountEmail: account, Audience: "https://hello-1.us-central1.run.app",
			}},
		}},
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	job, err := settings(func(s *Settings) { s.MaxRetries, s.AttemptDeadline = ptr(int32(3)), ptr(time.Minute) }).Apply(&schedulerpb.Job{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	want := &schedulerpb.Job{
		Name: name, Schedule: "0 3 * * *", AttemptDeadline: durationpb.New(time.Minute),
		RetryConfig: &schedulerpb.RetryConfig{
			RetryCount: 3, MinBackoffDuration: durationpb.New(5 * time.Second), MaxBackoffDuration: durationpb.New(time.Hour), MaxDoublings: 5,
		},
		Target: &schedulerpb.Job_HttpTarget{HttpTarget: &schedulerpb.HttpTarget{
			Uri: url, HttpMethod: schedulerpb.HttpMethod_POST,
			AuthorizationHeader: &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{
				ServiceAccountEmail: account, Audience: "https://hello-1.us-central1.run.app",
			}},
		}},
	}
	if diff := cmp.Diff(want, job, protocmp.Transform()); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
}

func TestWhatSchedulerAddsIsNoChange(t *testing.T) {
	t.Parallel()
	job, err := settings(nil).Apply(&schedulerpb.Job{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	if changes := Kind().Changes(shown(), job); len(changes) > 0 {
		t.Errorf("changes: %s", sender.Describe(changes))
	}
	withBody, err := settings(func(s *Settings) { s.Call.Body = []byte("text") }).Apply(&schedulerpb.Job{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	have := shown()
	have.GetHttpTarget().Body, have.GetHttpTarget().Headers["Content-Type"] = []byte("text"), "application/octet-stream"
	if changes := Kind().Changes(have, withBody); len(changes) > 0 {
		t.Errorf("with a body, changes: %s", sender.Describe(changes))
	}
}

// An update sends what it changes and nothing else.
func TestUpdatesSayWhatTheyChange(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		settings Settings
		want     []string
	}{
		{name: "nothing"},
		{name: "the same again", settings: settings(nil)},
		{name: "the schedule", settings: Settings{Schedule: ptr("0 4 * * *")}, want: []string{"schedule"}},
		{name: "a retry", settings: Settings{MaxRetries: ptr(int32(2))}, want: []string{"retry_config.retry_count"}},
		{name: "no description", settings: Settings{Description: ptr("")}},
		{name: "a header", settings: Settings{Call: sender.Settings{Headers: map[string]string{"X-A": "b"}}}, want: []string{"http_target.headers"}},
		{name: "another service", settings: Settings{Call: sender.Settings{URL: ptr("https://other-1.us-central1.run.app/run")}}, want: []string{"http_target.oidc_token.audience", "http_target.uri"}},
		{name: "an API", settings: Settings{Call: sender.Settings{URL: ptr("https://x.googleapis.com/")}}, want: []string{"http_target.oauth_token", "http_target.uri"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			have := shown()
			want, err := c.settings.Apply(have)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, Kind().Mask(Kind().Changes(have, want))); diff != "" {
				t.Errorf("mask (-want +got):\n%s", diff)
			}
			if !proto.Equal(have, shown()) {
				t.Error("what is there was changed")
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		job    string
		change func(*Settings)
		want   string
	}{
		{name: "a name", job: "a b", want: `job: got "a b"`},
		{name: "no schedule", change: func(s *Settings) { s.Schedule = nil }, want: "the schedule is missing"},
		{name: "four fields", change: func(s *Settings) { s.Schedule = ptr("0 3 * *") }, want: `schedule "0 3 * *"`},
		{name: "an hour too many", change: func(s *Settings) { s.Schedule = ptr("0 24 * * *") }, want: `schedule "0 24 * * *"`},
		{name: "a macro", change: func(s *Settings) { s.Schedule = ptr("@daily") }, want: "want five fields"},
		{name: "a zone in the schedule", change: func(s *Settings) { s.Schedule = ptr("TZ=Europe/Berlin 0 3 * * *") }, want: "a setting of its own"},
		{name: "a zone", change: func(s *Settings) { s.TimeZone = ptr("Europe/Atlantis") }, want: `time zone "Europe/Atlantis"`},
		{name: "this machine's zone", change: func(s *Settings) { s.TimeZone = ptr("Local") }, want: `time zone "Local"`},
		{name: "a short deadline", change: func(s *Settings) { s.AttemptDeadline = ptr(time.Second) }, want: "attempt deadline 1s: want 15s to 30m0s"},
		{name: "many retries", change: func(s *Settings) { s.MaxRetries = ptr(int32(6)) }, want: "retries: got 6, want 0 to 5"},
		{name: "doublings", change: func(s *Settings) { s.MaxDoublings = ptr(int32(-1)) }, want: "doublings: got -1"},
		{name: "waits the wrong way round", change: func(s *Settings) { s.MinBackoff, s.MaxBackoff = ptr(time.Hour), ptr(time.Minute) }, want: "is longer than the longest"},
		{name: "no URL", change: func(s *Settings) { s.Call.URL = nil }, want: "the URL to call is missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			job := &schedulerpb.Job{Name: name}
			if c.job != "" {
				job.Name = parent + "/jobs/" + c.job
			}
			if _, err := settings(c.change).Apply(job); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Apply() error = %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestEnglishSchedulesAreLeftToGoogle(t *testing.T) {
	t.Parallel()
	for _, schedule := range []string{"every 5 minutes", "every monday 09:00", "1st monday of month 15:30"} {
		if err := checkSchedule(schedule); err != nil {
			t.Errorf("%q: %v", schedule, err)
		}
	}
}

func TestALargeJobSaysHowLargeItIs(t *testing.T) {
	t.Parallel()
	_, err := settings(func(s *Settings) { s.Call.Body = make([]byte, MaxSize) }).Apply(&schedulerpb.Job{Name: name})
	if e, ok := errors.AsType[*SizeError](err); !ok || e.Size <= MaxSize {
		t.Errorf("Apply() error = %v, want a size of more than %d", err, MaxSize)
	}
}
