package rights_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/rights"
)

const (
	email         = "caller@my-project.iam.gserviceaccount.com"
	member        = "serviceAccount:" + email
	agent         = "serviceAccount:service-42@gcp-sa-cloudscheduler.iam.gserviceaccount.com"
	agentOfPubSub = "serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com"
	onAcc         = "my-project/serviceAccounts/" + email
	onRun         = "my-project/locations/us-central1/services/hello"
	onPipe        = "my-project/serviceAccounts/pipeline@my-project.iam.gserviceaccount.com"
	actAs         = "iam.serviceAccounts.actAs"
	creator       = "roles/iam.serviceAccountOpenIdTokenCreator"
	invoker       = "roles/run.invoker"
)

// setup is a job that calls a Cloud Run service, changed.
func setup(t *testing.T, target string, change func(*rights.Setup)) rights.Setup {
	t.Helper()
	s := rights.Setup{
		API: rights.Scheduler(), Project: "my-project", Caller: "user:me@example.com", URL: "https://hello.example.com/",
		Token: sender.Token{ServiceAccount: email, Audience: "https://hello.example.com"},
	}
	if target != "" {
		var err error
		if s.Target, err = rights.ParseTarget(target, "us-central1", "my-project"); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(&s)
	}
	return s
}

func TestChecklist(t *testing.T) {
	t.Parallel()
	good := func() map[string]map[string]any {
		return map[string]map[string]any{
			"my-project": policy([2]string{"roles/cloudscheduler.serviceAgent", agent}), onAcc: policy(), onRun: policy([2]string{invoker, member}),
			"my-project/locations/us-central1/functions/hello": policy(), "42/iap_web/compute/services/hello": policy(), onPipe: policy(),
		}
	}
	onProject := func(role, who string) func(*apis) {
		return func(a *apis) {
			a.policies["my-project"] = policy([2]string{"roles/cloudscheduler.serviceAgent", agent}, [2]string{role, who})
		}
	}
	dead := func(s *rights.Setup) {
		s.API, s.DeadLetters = rights.PubSub(), &rights.DeadLetters{Topic: "projects/my-project/topics/dead", Subscription: "projects/my-project/subscriptions/push"}
	}
	messaging := func(topic, subscription map[string]any) func(*apis) { // nil is not there
		return func(a *apis) {
			a.policies["my-project"] = policy([2]string{"roles/pubsub.serviceAgent", agentOfPubSub})
			if topic != nil {
				a.policies["my-project/topics/dead"] = topic
			}
			if subscription != nil {
				a.policies["my-project/subscriptions/push"] = subscription
			}
		}
	}
	cases := []struct {
		name   string
		target string
		change func(*rights.Setup)
		google func(*apis)
		want   string // the states: of the API, of actAs, of the agent, of the target, …
		detail string // of the one that is not ok
		cure   string
	}{
		{name: "all is there", target: "cloudrun:hello", want: "ok ok ok ok"},
		{name: "by the project", target: "cloudrun:hello", google: func(a *apis) {
			onProject(invoker, member)(a)
			a.policies[onRun] = policy()
		}, want: "ok ok ok ok"},
		{name: "everybody may call", target: "cloudrun:hello", google: func(a *apis) { a.policies[onRun] = policy([2]string{invoker, "allUsers"}) }, want: "ok ok ok ok"},
		{name: "the API is off", target: "cloudrun:hello", change: func(s *rights.Setup) { s.Disabled = true }, want: "missing ok ok ok",
			cure: "gcloud services enable cloudscheduler.googleapis.com --project=my-project"},
		{name: "no actAs", target: "cloudrun:hello", google: func(a *apis) { a.held = nil }, want: "ok missing ok ok", detail: "you lack " + actAs,
			cure: "gcloud iam service-accounts add-iam-policy-binding " + email + " --project=my-project --member=user:me@example.com --role=roles/iam.serviceAccountUser"},
		{name: "the agent lost its role", target: "cloudrun:hello", google: func(a *apis) { a.policies["my-project"] = policy() }, want: "ok ok missing ok",
			cure: "gcloud iam service-accounts add-iam-policy-binding " + email + " --project=my-project --member=" + agent + " --role=" + creator},
		{name: "the agent has it on the account", target: "cloudrun:hello", google: func(a *apis) {
			a.policies["my-project"], a.policies[onAcc] = policy(), policy([2]string{creator, agent})
		}, want: "ok ok ok ok"},
		{name: "for an access token that is not enough", target: "vertex", change: func(s *rights.Setup) { s.Token = sender.Token{ServiceAccount: email, Scope: "x"} }, google: func(a *apis) {
			a.policies["my-project"], a.policies[onAcc] = policy([2]string{"roles/aiplatform.user", member}), policy([2]string{creator, agent})
		}, want: "ok ok missing ok", cure: "--role=roles/iam.serviceAccountTokenCreator"},
		{name: "another API's agent is another", target: "cloudrun:hello", change: func(s *rights.Setup) { s.API = rights.Tasks() }, want: "ok ok missing ok", cure: "service-42@gcp-sa-cloudtasks"},
		{name: "no invoker", target: "cloudrun:hello", google: func(a *apis) { a.policies[onRun] = policy() }, want: "ok ok ok missing",
			cure: "gcloud run services add-iam-policy-binding hello --region=us-central1 --project=my-project --member=" + member + " --role=roles/run.invoker"},
		{name: "no such service", target: "cloudrun:nope", want: "ok ok ok missing", detail: "there is no Cloud Run service nope in us-central1", cure: "check --target"},
		{name: "a function is a service of its name", target: "function:He_llo", google: func(a *apis) {
			a.policies["my-project/locations/us-central1/services/he-llo"] = policy()
		}, want: "ok ok ok missing", cure: "gcloud run services add-iam-policy-binding he-llo "},
		{name: "a function of the first generation", target: "function-gen1:hello", want: "ok ok ok missing",
			cure: "gcloud functions add-iam-policy-binding hello --region=us-central1 --no-gen2 --project=my-project --member=" + member + " --role=roles/cloudfunctions.invoker"},
		{name: "an application behind IAP", target: "iap:hello", want: "ok ok ok missing",
			cure: "gcloud iap web add-iam-policy-binding --resource-type=backend-services --service=hello --project=my-project --member=" + member + " --role=roles/iap.httpsResourceAccessor"},
		{name: "a pipeline", target: "vertex", change: func(s *rights.Setup) { s.RunAs = "pipeline@my-project.iam.gserviceaccount.com" }, google: func(a *apis) {
			onProject("roles/aiplatform.user", member)(a)
		}, want: "ok ok ok ok missing", cure: "gcloud iam service-accounts add-iam-policy-binding pipeline@my-project.iam.gserviceaccount.com --project=my-project --member=" + member + " --role=roles/iam.serviceAccountUser"},
		{name: "no right to submit", target: "vertex", want: "ok ok ok missing", cure: "gcloud projects add-iam-policy-binding my-project --member=" + member + " --role=roles/aiplatform.user --condition=None"},
		{name: "the target decides", target: "other", want: "ok ok ok unchecked", detail: "let it take the audience https://hello.example.com"},
		{name: "nobody said who answers", want: "ok ok ok unknown", detail: "name it with --target"},
		{name: "the URL says who answers", change: func(s *rights.Setup) { s.URL = "https://hello-42.us-central1.run.app/x" }, want: "ok ok ok ok"},
		{name: "a service of somebody else", change: func(s *rights.Setup) { s.URL = "https://hello-43.us-central1.run.app/x" }, want: "ok ok ok unknown", detail: "--target"},
		{name: "no right to look at the service", target: "cloudrun:hello", google: func(a *apis) { a.policies[onRun] = nil }, want: "ok ok ok unknown", detail: "you may not see the policy of Cloud Run service hello in us-central1: 403"},
		{name: "no right to look at the project", target: "cloudrun:hello", google: func(a *apis) { a.policies["my-project"] = nil }, want: "ok ok unknown ok", detail: "you may not see the policy of project my-project"},
		{name: "no right to see the number", target: "cloudrun:hello", google: func(a *apis) { a.noNumber = true }, want: "ok ok unknown ok", detail: "the number of project my-project", cure: "service-$(gcloud projects describe my-project"},
		{name: "a custom role", target: "cloudrun:hello", google: func(a *apis) { a.policies[onRun] = policy([2]string{"projects/p/roles/x", member}) }, want: "ok ok ok unknown", detail: "the custom role projects/p/roles/x"},
		{name: "a group", target: "cloudrun:hello", google: func(a *apis) { a.policies[onRun] = policy([2]string{invoker, "group:g@example.com"}) }, want: "ok ok ok unknown", detail: "for group:g@example.com"},
		{name: "a condition", target: "cloudrun:hello", google: func(a *apis) {
			a.policies[onRun] = map[string]any{"bindings": []any{map[string]any{"role": invoker, "members": []any{member}, "condition": map[string]any{"title": "t", "expression": "false"}}}}
		}, want: "ok ok ok unknown", detail: "under a condition"},
		{name: "no such account", target: "cloudrun:hello", google: func(a *apis) { delete(a.policies, onAcc) }, want: "ok missing missing ok", detail: "the account does not exist",
			cure: "gcloud iam service-accounts create caller --project=my-project"},
		{name: "dead letters", target: "cloudrun:hello", change: dead, google: messaging(policy([2]string{"roles/pubsub.publisher", agentOfPubSub}), policy([2]string{"roles/pubsub.admin", agentOfPubSub})), want: "ok ok ok ok ok ok"},
		{name: "dead letters by the project", target: "cloudrun:hello", change: dead, google: func(a *apis) {
			a.policies["my-project"] = policy([2]string{"roles/pubsub.serviceAgent", agentOfPubSub}, [2]string{"roles/pubsub.editor", agentOfPubSub})
		}, want: "ok ok ok ok ok ok"},
		{name: "no right to publish dead letters", target: "cloudrun:hello", change: dead, google: messaging(policy(), policy([2]string{"roles/pubsub.subscriber", agentOfPubSub})), want: "ok ok ok ok missing ok",
			cure: "gcloud pubsub topics add-iam-policy-binding dead --project=my-project --member=" + agentOfPubSub + " --role=roles/pubsub.publisher"},
		{name: "no right to acknowledge them", target: "cloudrun:hello", change: dead, google: messaging(policy([2]string{"roles/pubsub.publisher", agentOfPubSub}), policy()), want: "ok ok ok ok ok missing",
			cure: "gcloud pubsub subscriptions add-iam-policy-binding push --project=my-project --member=" + agentOfPubSub + " --role=roles/pubsub.subscriber"},
		{name: "dead letters of what is not there", target: "cloudrun:hello", change: dead, google: messaging(nil, nil), want: "ok ok ok ok later later", detail: "is not there yet", cure: "gcloud pubsub "},
		{name: "nothing is called yet", change: func(s *rights.Setup) { s.Token = sender.Token{} }, want: "ok"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := &apis{policies: good(), held: []string{actAs}}
			if c.google != nil {
				c.google(a)
			}
			rows := a.checker(t).Checklist(t.Context(), setup(t, c.target, c.change))
			var states []string
			for _, r := range rows {
				states = append(states, string(r.State))
				if r.State != rights.Held && (!strings.Contains(r.Detail, c.detail) || !strings.Contains(r.Cure, c.cure)) {
					t.Errorf("row %+v, want detail %q, cure %q", r, c.detail, c.cure)
				}
				if r.State == rights.Held && r.Cure != "" {
					t.Errorf("row %+v has a cure for nothing", r)
				}
			}
			if got := strings.Join(states, " "); got != c.want {
				t.Errorf("states %s, want %s: %+v", got, c.want, rows)
			}
			for _, asked := range a.asked {
				if strings.HasPrefix(asked, http.MethodPut) || strings.Contains(asked, "setIamPolicy") {
					t.Errorf("a look changed something: %s", asked)
				}
			}
		})
	}
}

// The account of another project lies below that one's policies, not below those of
// the sender's.
func TestAnAccountOfAnotherProject(t *testing.T) {
	t.Parallel()
	a := &apis{held: []string{actAs}, policies: map[string]map[string]any{
		"my-project": policy([2]string{"roles/cloudscheduler.serviceAgent", agent}), "other": policy(),
		"other/serviceAccounts/x@other.iam.gserviceaccount.com": policy(),
	}}
	rows := a.checker(t).Checklist(t.Context(), setup(t, "other", func(s *rights.Setup) { s.Token.ServiceAccount = "x@other.iam.gserviceaccount.com" }))
	if r := rows[2]; r.State != rights.Missing || !strings.Contains(r.Cure, "--project=other") {
		t.Errorf("row %+v, want a missing right with a cure in the project other", r)
	}
}

func TestParseTarget(t *testing.T) {
	t.Parallel()
	cases := []struct{ text, region, want, wantErr string }{
		{text: "cloudrun:hello", region: "r", want: "Cloud Run service hello in r"},
		{text: "iap:web", want: "backend service behind IAP web"},
		{text: "cloudrun:hello", wantErr: "the region is missing"},
		{text: "cloudrun", region: "r", wantErr: "want cloudrun:NAME"},
		{text: "other:x", wantErr: "other has no name"},
		{text: "appengine", wantErr: "want cloudrun:NAME, function:NAME"},
	}
	for _, c := range cases {
		got, err := rights.ParseTarget(c.text, c.region, "p")
		if c.wantErr != "" {
			if err == nil || !strings.Contains(err.Error(), c.wantErr) {
				t.Errorf("ParseTarget(%q) error = %v, want %q", c.text, err, c.wantErr)
			}
			continue
		}
		if err != nil || got.Service.String() != c.want {
			t.Errorf("ParseTarget(%q) = %v, %v, want %s", c.text, got.Service, err, c.want)
		}
	}
}

func TestEndpointsWithoutTLSAreOnThisMachine(t *testing.T) {
	t.Parallel()
	if _, err := rights.New(t.Context(), rights.Options{}); err == nil {
		t.Error("New() took no credentials")
	}
	for endpoint, good := range map[string]bool{"http://127.0.0.1:1": true, "https://x.example.com": true, "http://x.example.com": false, "127.0.0.1:1": false} {
		_, err := rights.New(t.Context(), rights.Options{Endpoints: rights.Endpoints{Run: endpoint}, Credentials: credentials()})
		if (err == nil) != good || err != nil && !strings.Contains(err.Error(), "AUTHPIPE_RUN_ENDPOINT") {
			t.Errorf("%s: error = %v, want one: %v", endpoint, err, !good)
		}
	}
}

func TestGrant(t *testing.T) {
	t.Parallel()
	condition := map[string]any{"title": "t", "expression": "false"}
	binding := func(role string, members ...any) map[string]any {
		return map[string]any{"role": role, "members": members}
	}
	conditional := binding(invoker, member)
	conditional["condition"] = condition
	cases := []struct {
		name      string
		have      []any
		conflicts int
		want      []any
		wantErr   string
	}{
		{name: "the first", want: []any{binding(invoker, member)}},
		{name: "another member of the role", have: []any{binding(invoker, "allUsers")}, want: []any{binding(invoker, "allUsers", member)}},
		{name: "there already", have: []any{binding(invoker, member)}, want: []any{binding(invoker, member)}},
		{name: "another role stays", have: []any{binding("roles/x", "allUsers")}, want: []any{binding("roles/x", "allUsers"), binding(invoker, member)}},
		{name: "a condition stays", have: []any{conditional}, want: []any{conditional, binding(invoker, member)}},
		{name: "somebody else was faster, once", conflicts: 1, want: []any{binding(invoker, member)}},
		{name: "twice", conflicts: 2, wantErr: "There were concurrent policy changes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := &apis{conflicts: c.conflicts, policies: map[string]map[string]any{onRun: {"etag": "e", "version": 3.0, "bindings": c.have}}}
			target := setup(t, "cloudrun:hello", nil).Target
			err := a.checker(t).Grant(t.Context(), rights.Binding{Resource: target.Service, Role: invoker, Member: member})
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("Grant() error = %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, a.policies[onRun]["bindings"]); diff != "" {
				t.Errorf("bindings (-want +got):\n%s", diff)
			}
			if v := a.policies[onRun]["version"]; v != 3.0 {
				t.Errorf("version = %v, want 3", v)
			}
		})
	}
}

// Each kind of resource has its API; what is missing there is granted there.
func TestApplyMendsTheChecklist(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"cloudrun:hello", "function:hello", "function-gen1:hello", "iap:hello", "vertex"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			a := &apis{pending: 1, held: []string{actAs}, policies: map[string]map[string]any{
				"my-project": policy(), onAcc: policy(), onRun: policy(), "42/iap_web/compute/services/hello": policy(),
				"my-project/locations/us-central1/functions/hello": policy(),
			}}
			s := setup(t, target, func(s *rights.Setup) { s.Disabled = true })
			checker := a.checker(t)
			for i, row := range checker.Checklist(t.Context(), s) {
				if row.State == rights.Held {
					continue
				}
				if !row.CanApply() || !strings.HasPrefix(s.Fix(row), "granting ") && !strings.HasPrefix(s.Fix(row), "enabling ") {
					t.Fatalf("row %d cannot be applied: %+v", i, row)
				}
				if err := checker.Apply(t.Context(), s, row); err != nil {
					t.Fatal(err)
				}
			}
			s.Disabled = false
			for _, row := range checker.Checklist(t.Context(), s) {
				if row.State != rights.Held {
					t.Errorf("after all was granted: %+v", row)
				}
			}
		})
	}
}

func TestGrantThatIsRefused(t *testing.T) {
	t.Parallel()
	a := &apis{policies: map[string]map[string]any{onRun: nil}}
	err := a.checker(t).Grant(t.Context(), rights.Binding{Resource: setup(t, "cloudrun:hello", nil).Target.Service, Role: invoker, Member: member})
	e, ok := err.(*rights.GrantError) //nolint:errorlint // Grant promises it
	if !ok || !e.Denied || !strings.Contains(err.Error(), "granting roles/run.invoker for "+member+" on Cloud Run service hello in us-central1: 403 Permission denied") {
		t.Errorf("Grant() error = %v", err)
	}
}
