package sender

import (
	"testing"
	"time"

	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func job(change func(*schedulerpb.Job, *schedulerpb.HttpTarget)) *schedulerpb.Job {
	target := &schedulerpb.HttpTarget{
		Uri: "https://a.example.com", Body: []byte("hello"),
		AuthorizationHeader: &schedulerpb.HttpTarget_OidcToken{OidcToken: &schedulerpb.OidcToken{ServiceAccountEmail: account, Audience: "a"}},
	}
	j := &schedulerpb.Job{Name: "n", Schedule: "* * * * *", Target: &schedulerpb.Job_HttpTarget{HttpTarget: target}}
	if change != nil {
		change(j, target)
	}
	return j
}

func TestDiff(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*schedulerpb.Job, *schedulerpb.HttpTarget)
		want   []string
		mask   []string
	}{
		{name: "nothing"},
		{
			name: "a value", change: func(j *schedulerpb.Job, _ *schedulerpb.HttpTarget) { j.Schedule = "0 * * * *" },
			want: []string{`~ schedule: "* * * * *" -> "0 * * * *"`}, mask: []string{"schedule"},
		},
		{
			name: "a value inside", change: func(_ *schedulerpb.Job, h *schedulerpb.HttpTarget) { h.GetOidcToken().Audience = "b" },
			want: []string{`~ httpTarget.oidcToken.audience: "a" -> "b"`}, mask: []string{"http_target.oidc_token.audience"},
		},
		{
			name: "text in base64", change: func(_ *schedulerpb.Job, h *schedulerpb.HttpTarget) { h.Body = []byte("a<b & \"c\"") },
			want: []string{`~ httpTarget.body: "hello" -> "a<b & \"c\""`}, mask: []string{"http_target.body"},
		},
		{
			name: "what is added and what is taken away", change: func(j *schedulerpb.Job, h *schedulerpb.HttpTarget) {
				h.Body, j.AttemptDeadline = nil, durationpb.New(90*time.Second)
				h.Headers = map[string]string{"X-A": "b"}
			},
			want: []string{`+ attemptDeadline: "90s"`, `- httpTarget.body: "hello"`, `+ httpTarget.headers: {"X-A":"b"}`},
			mask: []string{"attempt_deadline", "http_target.body", "http_target.headers"},
		},
		{
			// A mask with both would take the new token away again.
			name: "the other kind of token", change: func(_ *schedulerpb.Job, h *schedulerpb.HttpTarget) {
				h.AuthorizationHeader = &schedulerpb.HttpTarget_OauthToken{OauthToken: &schedulerpb.OAuthToken{Scope: "s"}}
			},
			want: []string{`+ httpTarget.oauthToken: {"scope":"s"}`, `- httpTarget.oidcToken: {"audience":"a","serviceAccountEmail":"` + account + `"}`},
			mask: []string{"http_target.oauth_token"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			changes := Diff(job(nil), job(c.change))
			var lines []string
			for _, change := range changes {
				lines = append(lines, change.String())
			}
			if diff := cmp.Diff(c.want, lines); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.mask, Mask(changes, 8)); diff != "" {
				t.Errorf("mask (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMaskAtTheTop(t *testing.T) {
	t.Parallel()
	changes := Diff(job(nil), job(func(_ *schedulerpb.Job, h *schedulerpb.HttpTarget) { h.Uri, h.Body = "https://b.example.com", nil }))
	if diff := cmp.Diff([]string{"http_target"}, Mask(changes, 1)); diff != "" {
		t.Errorf("mask (-want +got):\n%s", diff)
	}
}

// What the API alone sets is no difference, and neither message is changed by the
// comparison.
func TestKindLooksPastTheOutput(t *testing.T) {
	t.Parallel()
	kind := Kind[*schedulerpb.Job]{Normal: func(j *schedulerpb.Job) { j.TimeZone = "Etc/UTC" }, Fixed: []string{"schedule"}}
	have := job(func(j *schedulerpb.Job, _ *schedulerpb.HttpTarget) {
		j.State, j.ScheduleTime, j.UserUpdateTime = schedulerpb.Job_ENABLED, timestamppb.Now(), timestamppb.Now()
	})
	if changes := kind.Changes(have, job(nil)); len(changes) > 0 {
		t.Errorf("changes = %v, want none", changes)
	}
	if have.GetState() != schedulerpb.Job_ENABLED || have.GetTimeZone() != "" {
		t.Error("the comparison changed what it compared")
	}
	changes := kind.Changes(have, job(func(j *schedulerpb.Job, _ *schedulerpb.HttpTarget) { j.Schedule, j.Description = "0 * * * *", "d" }))
	if diff := cmp.Diff([]string{"schedule"}, kind.Immutable(changes)); diff != "" {
		t.Errorf("immutable (-want +got):\n%s", diff)
	}
}

func TestLongValuesAreCutForPeople(t *testing.T) {
	t.Parallel()
	long := job(func(_ *schedulerpb.Job, h *schedulerpb.HttpTarget) { h.Body = make([]byte, 5000) })
	if text := Describe(Diff(job(nil), long)); len(text) > 400 {
		t.Errorf("got %d bytes: %s", len(text), text)
	}
}
