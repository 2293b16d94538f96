package iam_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

const workload = "principal://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/pool/subject/build"

func TestSetPolicy(t *testing.T) {
	t.Parallel()
	onCaller := iam.AccountResource("local-project", caller)
	d := newDirectory(t, iam.Config{})
	before := d.Policy(onCaller)
	set, err := d.SetPolicy(onCaller, iam.Policy{Bindings: []iam.Binding{
		{Role: "roles/iam.serviceAccountOpenIdTokenCreator", Members: []string{"serviceAccount:" + pipeline}},
	}}, before.ETag())
	if err != nil {
		t.Fatal(err)
	}
	if set.ETag() == before.ETag() || d.Policy(onCaller).ETag() != set.ETag() {
		t.Errorf("got etags %s, then %s, want another one that stays", before.ETag(), set.ETag())
	}
	if !d.Allowed(lookup(t, d, pipeline), iam.GetOpenIDToken, onCaller) {
		t.Error("the new binding does not act")
	}
	if _, err := d.SetPolicy(onCaller, iam.Policy{}, before.ETag()); !errors.Is(err, iam.ErrChanged) {
		t.Errorf("with an old etag: got %v, want ErrChanged", err)
	}
	if _, err := d.SetPolicy(onCaller, iam.Policy{}, ""); err != nil || d.Allowed(lookup(t, d, pipeline), iam.GetOpenIDToken, onCaller) {
		t.Errorf("without etag: got %v, want that the binding is gone", err)
	}
}

// gcloud sends some etags back in the URL-safe alphabet of base64.
func TestETagsAreTheSameInBothAlphabets(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		etag := iam.Policy{Bindings: []iam.Binding{{Role: strings.Repeat("r", i)}}}.ETag()
		if strings.ContainsAny(etag, "+/=") {
			t.Errorf("got etag %s, want letters and digits alone", etag)
		}
		if _, err := base64.StdEncoding.DecodeString(etag); err != nil {
			t.Errorf("etag %s: %v", etag, err)
		}
	}
}

func TestSetPolicyRefuses(t *testing.T) {
	t.Parallel()
	onCaller := iam.AccountResource("local-project", caller)
	tests := []struct {
		name, want string
		binding    iam.Binding
	}{
		{"role", `role "roles/none" is unknown`, iam.Binding{Role: "roles/none", Members: []string{iam.AllUsers}}},
		{"member", `member "user:x@example.com" does not exist`, iam.Binding{Role: "roles/owner", Members: []string{"user:x@example.com"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, iam.Config{})
			before := d.Policy(onCaller).ETag()
			_, err := d.SetPolicy(onCaller, iam.Policy{Bindings: []iam.Binding{tt.binding}}, "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			if d.Policy(onCaller).ETag() != before {
				t.Error("a refused policy was set")
			}
		})
	}
}

func TestWorkloads(t *testing.T) {
	t.Parallel()
	onCaller := iam.AccountResource("local-project", caller)
	d := newDirectory(t, iam.Config{
		Workloads: []string{workload},
		Bindings:  []iam.Binding{{Role: "roles/iam.workloadIdentityUser", Members: []string{workload}, Resource: onCaller}},
	})
	p := lookup(t, d, workload)
	if p.Member() != workload {
		t.Errorf("got member %s, want %s", p.Member(), workload)
	}
	if !d.Allowed(p, iam.GetAccessToken, onCaller) {
		t.Error("the workload's binding does not act")
	}
}

func TestCreateAccount(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, iam.Config{})
	const fresh = "fresh@local-project.iam.gserviceaccount.com"
	if _, err := d.CreateAccount(iam.Account{Email: fresh}); err != nil {
		t.Fatal(err)
	}
	if p := lookup(t, d, fresh); p.Project != "local-project" {
		t.Errorf("got project %q, want local-project", p.Project)
	}
	if _, err := d.CreateAccount(iam.Account{Email: fresh}); !errors.Is(err, iam.ErrExists) {
		t.Errorf("a second time: got %v, want ErrExists", err)
	}
	if got := d.Accounts("local-project"); len(got) != 3 || got[0].Email != caller {
		t.Errorf("got %v, want three accounts, %s first", got, caller)
	}
}

func TestPoliciesChangeWhileTheyAreAsked(t *testing.T) {
	t.Parallel()
	onCaller := iam.AccountResource("local-project", caller)
	d := newDirectory(t, iam.Config{})
	p := lookup(t, d, pipeline)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				_, _ = d.SetPolicy(onCaller, iam.Policy{Bindings: []iam.Binding{{Role: "roles/owner", Members: []string{iam.AllUsers}}}}, "")
				_ = d.Allowed(p, iam.ActAs, onCaller)
			}
		})
	}
	group.Wait()
	if !d.Allowed(p, iam.ActAs, onCaller) {
		t.Error("the last policy does not act")
	}
}
