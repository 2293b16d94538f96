package localgcp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/metadata"
)

const minimal = `
accounts: [{email: a@local-project.iam.gserviceaccount.com}]
users: [u@example.com]
`

func TestDefaultConfig(t *testing.T) {
	t.Parallel()
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if c.Project != "local-project" || c.Region != "us-central1" || c.Metadata != metadata.Vertex404 {
		t.Errorf("got project %s in %s with metadata %s", c.Project, c.Region, c.Metadata)
	}
	directory, err := c.directory(make([]byte, secretBytes), nil)
	if err != nil {
		t.Fatal(err)
	}
	const (
		pipeline = "pipeline@local-project.iam.gserviceaccount.com"
		caller   = "caller@local-project.iam.gserviceaccount.com"
	)
	account := func(email string) string { return "projects/local-project/serviceAccounts/" + email }
	service := func(name string) string { return "projects/local-project/locations/us-central1/services/" + name }
	agent := func(name string) string { return "service-123456789012@gcp-sa-" + name + ".iam.gserviceaccount.com" }
	tests := []struct {
		who, permission, resource string
		want                      bool
	}{
		{pipeline, "iam.serviceAccounts.getOpenIdToken", account(caller), true},
		{pipeline, "iam.serviceAccounts.getAccessToken", account(caller), false},
		{pipeline, "iam.serviceAccounts.getOpenIdToken", account(pipeline), false},
		{pipeline, "iam.serviceAccounts.actAs", account(pipeline), true},
		{pipeline, "run.routes.invoke", service("hello"), false},
		{caller, "run.routes.invoke", service("hello"), true},
		{caller, "iap.webServiceVersions.accessViaIAP", service("dashboard"), true},
		{caller, "iap.webServiceVersions.accessViaIAP", service("hello"), false},
		{"developer@example.com", "iam.serviceAccounts.actAs", account(pipeline), true},
		{"developer@example.com", "iam.serviceAccounts.actAs", account(caller), true},
		{"developer@example.com", "cloudscheduler.jobs.create", "projects/local-project", true},
		{"developer@example.com", "cloudtasks.tasks.create", "projects/local-project", true},
		{"developer@example.com", "pubsub.topics.create", "projects/local-project", true},
		{agent("cloudscheduler"), "iam.serviceAccounts.getOpenIdToken", account(caller), true},
		{agent("cloudtasks"), "iam.serviceAccounts.getOpenIdToken", account(caller), true},
		{agent("pubsub"), "iam.serviceAccounts.getOpenIdToken", account(caller), true},
		{"developer@example.com", "iam.serviceAccounts.getAccessToken", account(caller), true},
		{"developer@example.com", "aiplatform.pipelineJobs.create", "projects/local-project", true},
		{caller, "aiplatform.pipelineJobs.create", "projects/local-project", false},
	}
	for _, tt := range tests {
		p, _ := directory.Lookup(tt.who)
		if got := directory.Allowed(p, tt.permission, tt.resource); got != tt.want {
			t.Errorf("%s has %s on %s: got %v, want %v", tt.who, tt.permission, tt.resource, got, tt.want)
		}
	}
}

func TestWhatAConfigMayLeaveOut(t *testing.T) {
	t.Parallel()
	c, err := ParseConfig([]byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Project: "local-project", ProjectNumber: "123456789012", Region: "us-central1", UniverseDomain: "googleapis.com", Metadata: metadata.Vertex404,
		Accounts: []Account{{Email: "a@local-project.iam.gserviceaccount.com"}}, Users: []string{"u@example.com"},
		Submitter: "u@example.com", PipelineAccount: "a@local-project.iam.gserviceaccount.com",
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestParseConfigRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, yaml string
		want       []string
	}{
		{"no YAML", "a: [", []string{"line 1: did not find expected node content"}},
		{"nothing", "", []string{`submitter: got "", want one of users or accounts`, `pipeline_account: got "", want one of accounts`}},
		{"two documents", minimal + "---\nproject: x\n", []string{"more than one YAML document"}},
		{"unknown field", minimal + "projekt: x\nbindungen: []\n", []string{"line 4: field projekt not found", "line 5: field bindungen not found"}},
		{"unknown field within", minimal + "services:\n  - name: a\n    port: 80\n", []string{"line 6: field port not found"}},
		{"field twice", minimal + "users: []\n", []string{`line 4: mapping key "users" already defined at line 3`}},
		{"wrong type", minimal + "services: 7\n", []string{"line 4: cannot unmarshal !!int `7`"}},
		{"project", minimal + "project: X\n", []string{`project: got "X", want 6 to 30 lower-case`}},
		{"project number", minimal + "project_number: one\n", []string{`project_number: got "one", want digits`}},
		{"region", minimal + "region: US\n", []string{`region: got "US", want a region`}},
		{"metadata", minimal + "metadata: vertex\n", []string{`metadata: got "vertex", want one of ["vertex-404" "vertex-401" "gce" "cloudrun" "gke" "gke-concealed"]`}},
		{"universe", minimal + "universe_domain: 'https://x'\n", []string{`universe_domain: got "https://x", want a domain`}},
		{"metadata start", minimal + "metadata_start: {late_requests: -1, late_seconds: -1, default_emails: -1}\n", []string{`metadata_start.late_requests: got "-1"`, `metadata_start.late_seconds: got "-1"`, `metadata_start.default_emails: got "-1"`}},
		{"kubernetes account", minimal + "kubernetes_account: step\n", []string{`kubernetes_account: got "step", want NAMESPACE/NAME`}},
		{"submitter", minimal + "submitter: x@example.com\n", []string{`submitter: got "x@example.com", want one of users or accounts`}},
		{"pipeline account", minimal + "pipeline_account: u@example.com\n", []string{`pipeline_account: got "u@example.com", want one of accounts`}},
		{"account without address", "accounts: [{email: a}]\nusers: [u]\n", []string{`accounts[0].email: got "a", want an email address`, `users[0]: got "u", want an email address`}},
		{"unknown member", minimal + "bindings: [{role: roles/owner, members: ['user:nobody@example.com']}]\n", []string{`roles/owner on projects/local-project: member "user:nobody@example.com" does not exist`}},
		{"role", minimal + "bindings: [{role: owner, members: [allUsers]}]\n", []string{`bindings[0].role: got "owner", want one of ["roles/aiplatform.user"`}},
		{"no members", minimal + "bindings: [{role: roles/owner}]\n", []string{"bindings[0].members: there is none"}},
		{"resource", minimal + "bindings: [{role: roles/owner, members: [allUsers], resource: services/x}]\n", []string{`bindings[0].resource: got "services/x", want serviceAccounts/EMAIL, services/NAME or secrets/NAME of a declared one`}},
		{"service name", minimal + "services: [{name: A, kind: cloudrun, app: hello}]\n", []string{`services[0].name: got "A", want lower-case`}},
		{"service name twice", minimal + "services: [{name: a, kind: cloudrun, app: hello}, {name: a, kind: cloudrun, app: echo}]\n", []string{`services[1].name: "a" is taken`}},
		{"service kind", minimal + "services: [{name: a, kind: gke, app: hello}]\n", []string{`services[0].kind: got "gke", want one of ["cloudrun" "function"`}},
		{"service without app", minimal + "services: [{name: a, kind: cloudrun}]\n", []string{"services[0]: want either app or upstream"}},
		{"service with two apps", minimal + "services: [{name: a, kind: cloudrun, app: hello, upstream: 'http://127.0.0.1'}]\n", []string{"services[0]: want either app or upstream"}},
		{"app", minimal + "services: [{name: a, kind: cloudrun, app: bye}]\n", []string{`services[0].app: got "bye", want one of ["hello" "echo"]`}},
		{"upstream elsewhere", minimal + "services: [{name: a, kind: cloudrun, upstream: 'http://example.com'}]\n", []string{`services[0].upstream: got "http://example.com", want an http URL of a loopback address`}},
		{"empty audience", minimal + "services: [{name: a, kind: cloudrun, app: hello, audiences: ['']}]\n", []string{"services[0].audiences: an audience is empty"}},
		{"IAP with invokers", minimal + "services: [{name: a, kind: iap, app: hello, invokers: [allUsers], hidden: true, unsettled: 1, hosting: moon}]\n", []string{
			`services[0].invokers: got "allUsers", want none`, `services[0].hidden: got "true", want false`, `services[0].unsettled: got "1", want 0 or more`, `services[0].hosting: got "moon", want one of ["cloudrun" "appengine" "loadbalancer"]`,
		}},
		{"Cloud Run with IAP's fields", minimal + "services: [{name: a, kind: cloudrun, app: hello, client_id: c, accessors: [allUsers], access_tokens: true, hosting: appengine, scopes: [s]}]\n", []string{
			`services[0].accessors: got "allUsers", want none`, `services[0].client_id: got "c", want none`, `services[0].access_tokens: got "true"`, `services[0].hosting: got "appengine", want none`, `services[0].scopes: got "s", want none`,
		}},
		{"Google API with audiences", minimal + "services: [{name: a, kind: googleapi, app: hello, audiences: [x], invokers: [allUsers]}]\n", []string{`services[0].audiences: got "x", want none`, `services[0].invokers: got "allUsers", want none`}},
		{"credentials", minimal + "credentials: [{name: A, kind: key}, {name: a, kind: external_account}]\n", []string{
			`credentials[0].name: got "A", want lower-case`, `credentials[0].kind: got "key", want one of ["service_account"`, `credentials[0].account: got "", want one of accounts`,
			`credentials[1].subject_token: got "", want one of ["file" "url" "oidc"]`, `credentials[1].subject: got "", want lower-case`,
		}},
		{"credentials of nobody", minimal + "credentials: [{name: a, kind: authorized_user, account: x@example.com, subject: s, source: b, delegates: [c]}]\n", []string{
			`credentials[0].account: got "x@example.com", want one of users`, `credentials[0].subject: got "s", want none`, `credentials[0].source: got "b", want none`, `credentials[0].delegates: got "c", want none`,
		}},
		{"impersonation", minimal + "credentials: [{name: a, kind: impersonated_service_account, account: a@local-project.iam.gserviceaccount.com, source: a, delegates: [x]}, {name: a, kind: service_account, account: a@local-project.iam.gserviceaccount.com}]\n", []string{
			`credentials[0].source: got "a", want earlier credentials`, `credentials[0].delegates: got "x", want accounts`, `credentials[1].name: "a" is taken`,
		}},
		{"secret", minimal + "secrets: [{name: '', disabled: [1]}, {name: ''}]\n", []string{`secrets[0].name: got "", want letters`, `secrets[0].disabled: got "1", want the number of a version`, `secrets[1].name: "" is taken`}},
		{"disabled API", minimal + "disabled_apis: [x]\n", []string{`disabled_apis[0]: got "x", want one of ["iam.googleapis.com" "iamcredentials.googleapis.com" "secretmanager.googleapis.com"`}},
		{"fault", minimal + "faults: [{api: x, code: 200, shape: round, times: -1, retry_after_seconds: -1}]\n", []string{`faults[0].api: got "x"`, `faults[0].code: got "200", want 400 to 599`, `faults[0].times: got "-1"`, `faults[0].shape: got "round", want one of ["older-denial" "perimeter" "tenant-project"]`, `faults[0].retry_after_seconds: got "-1"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseConfig([]byte(tt.yaml))
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error\n%v\nwant it to hold\n%s", err, want)
				}
			}
			if strings.Contains(err.Error(), "localgcp.") {
				t.Errorf("the error shows a Go type: %v", err)
			}
		})
	}
}

func TestLoadConfig(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "google.yaml")
	if _, err := LoadConfig(path); !os.IsNotExist(err) {
		t.Errorf("got %v, want that the file does not exist", err)
	}
	if err := os.WriteFile(path, []byte("projekt: x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadConfig(path); err == nil || !strings.HasPrefix(err.Error(), path+": line 1: ") {
		t.Errorf("got %v, want an error that names file and line", err)
	}
	if err := os.WriteFile(path, DefaultYAML(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{"", minimal, string(DefaultYAML()), "a: &a [*a]", "project: !!binary x", "services: [{}]", "bindings: [{}]", "faults: [{}]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConfig([]byte(text))
		if err != nil {
			return
		}
		if _, err := c.directory(make([]byte, secretBytes), nil); err != nil {
			t.Fatalf("a valid config has no directory: %v", err)
		}
	})
}
