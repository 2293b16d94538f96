package iam_test

import (
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

const (
	pipeline  = "pipeline@local-project.iam.gserviceaccount.com"
	caller    = "caller@local-project.iam.gserviceaccount.com"
	developer = "developer@example.com"
)

var secret = []byte(strings.Repeat("s", 32))

func newDirectory(t testing.TB, c iam.Config) *iam.Directory {
	t.Helper()
	c.Accounts = append(c.Accounts, iam.Account{Email: pipeline}, iam.Account{Email: caller})
	c.Users = append(c.Users, developer)
	if c.Secret == nil {
		c.Secret = secret
	}
	d, err := iam.NewDirectory(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func lookup(t testing.TB, d *iam.Directory, emailOrID string) iam.Principal {
	t.Helper()
	p, ok := d.Lookup(emailOrID)
	if !ok {
		t.Fatalf("%q does not exist", emailOrID)
	}
	return p
}

func TestPrincipals(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, iam.Config{Accounts: []iam.Account{{Email: "123-compute@developer.gserviceaccount.com", Project: "other-project"}}})
	tests := []struct {
		email, member, project string
	}{
		{pipeline, "serviceAccount:" + pipeline, "local-project"},
		{developer, "user:" + developer, ""},
		{"123-compute@developer.gserviceaccount.com", "serviceAccount:123-compute@developer.gserviceaccount.com", "other-project"},
	}
	for _, tt := range tests {
		t.Run(tt.email, func(t *testing.T) {
			t.Parallel()
			p := lookup(t, d, tt.email)
			if p.Member() != tt.member || p.Project != tt.project {
				t.Errorf("got %s of project %q, want %s of %q", p.Member(), p.Project, tt.member, tt.project)
			}
			if len(p.ID) != 21 || strings.Trim(p.ID, "0123456789") != "" {
				t.Errorf("got id %q, want 21 digits", p.ID)
			}
			if byID := lookup(t, d, p.ID); byID.Email != tt.email {
				t.Errorf("id %s is of %s, want %s", p.ID, byID.Email, tt.email)
			}
		})
	}
	if _, ok := d.Lookup("nobody@example.com"); ok {
		t.Error("somebody who was not declared exists")
	}
}

func TestIDsStayTheSame(t *testing.T) {
	t.Parallel()
	first, second := newDirectory(t, iam.Config{}), newDirectory(t, iam.Config{Secret: []byte(strings.Repeat("x", 32))})
	if a, b := lookup(t, first, pipeline).ID, lookup(t, second, pipeline).ID; a != b {
		t.Errorf("got ids %s and %s of one account, want the same", a, b)
	}
	if a, b := lookup(t, first, pipeline).ID, lookup(t, first, caller).ID; a == b {
		t.Errorf("two accounts have the id %s", a)
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	onCaller := iam.AccountResource("local-project", caller)
	creator := func(resource string, members ...string) []iam.Binding {
		return []iam.Binding{{Role: "roles/iam.serviceAccountOpenIdTokenCreator", Members: members, Resource: resource}}
	}
	tests := []struct {
		name       string
		bindings   []iam.Binding
		who        string
		permission string
		want       bool
	}{
		{name: "no binding", who: pipeline, permission: iam.GetOpenIDToken},
		{name: "binding on the account", bindings: creator(onCaller, "serviceAccount:"+pipeline), who: pipeline, permission: iam.GetOpenIDToken, want: true},
		{name: "binding on the project", bindings: creator("projects/local-project", "serviceAccount:"+pipeline), who: pipeline, permission: iam.GetOpenIDToken, want: true},
		{name: "binding on a project of a longer name", bindings: creator("projects/local", "serviceAccount:"+pipeline), who: pipeline, permission: iam.GetOpenIDToken},
		{name: "binding on another account", bindings: creator(iam.AccountResource("local-project", pipeline), "serviceAccount:"+pipeline), who: pipeline, permission: iam.GetOpenIDToken},
		{name: "binding of somebody else", bindings: creator(onCaller, "user:"+developer), who: pipeline, permission: iam.GetOpenIDToken},
		{name: "one of several members", bindings: creator(onCaller, "user:"+developer, "serviceAccount:"+pipeline), who: pipeline, permission: iam.GetOpenIDToken, want: true},
		{name: "role without the permission", bindings: creator(onCaller, "serviceAccount:"+pipeline), who: pipeline, permission: iam.GetAccessToken},
		{name: "everybody, and nobody is among them", bindings: creator(onCaller, iam.AllUsers), permission: iam.GetOpenIDToken, want: true},
		{name: "everybody authenticated", bindings: creator(onCaller, iam.AllAuthenticatedUsers), who: developer, permission: iam.GetOpenIDToken, want: true},
		{name: "everybody authenticated, and nobody is not among them", bindings: creator(onCaller, iam.AllAuthenticatedUsers), permission: iam.GetOpenIDToken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, iam.Config{Bindings: tt.bindings})
			p, _ := d.Lookup(tt.who)
			if got := d.Allowed(p, tt.permission, onCaller); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRolesHoldWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		role       string
		permission string
		want       bool
	}{
		{"roles/iam.serviceAccountTokenCreator", iam.GetOpenIDToken, true},
		{"roles/iam.serviceAccountTokenCreator", iam.GetAccessToken, true},
		{"roles/iam.serviceAccountTokenCreator", iam.SignJWT, true},
		{"roles/iam.serviceAccountTokenCreator", iam.ImplicitDelegation, true},
		{"roles/iam.serviceAccountTokenCreator", iam.ActAs, false},
		{"roles/iam.serviceAccountOpenIdTokenCreator", iam.SignJWT, false},
		{"roles/iam.serviceAccountUser", iam.ActAs, true},
		{"roles/iam.serviceAccountUser", iam.GetOpenIDToken, false},
		{"roles/iam.workloadIdentityUser", iam.GetOpenIDToken, true},
		{"roles/owner", iam.ActAs, true},
		{"roles/owner", "pubsub.topics.setIamPolicy", true},
		{"roles/editor", "pubsub.topics.setIamPolicy", false},
		{"roles/editor", "cloudscheduler.jobs.create", true},
		{"roles/viewer", "cloudscheduler.jobs.create", false},
		{"roles/viewer", "cloudtasks.queues.list", true},
		{"roles/cloudscheduler.admin", "cloudscheduler.jobs.enable", true},
		{"roles/cloudscheduler.jobRunner", "cloudscheduler.jobs.run", true},
		{"roles/cloudscheduler.jobRunner", "cloudscheduler.jobs.get", false},
		{"roles/cloudscheduler.viewer", "cloudscheduler.jobs.run", false},
		{"roles/cloudscheduler.serviceAgent", "pubsub.topics.publish", true},
		{"roles/cloudscheduler.serviceAgent", iam.GetOpenIDToken, true},
		{"roles/cloudtasks.serviceAgent", iam.GetAccessToken, true},
		{"roles/cloudtasks.enqueuer", "cloudtasks.tasks.create", true},
		{"roles/cloudtasks.enqueuer", "cloudtasks.tasks.delete", false},
		{"roles/cloudtasks.queueAdmin", "cloudtasks.queues.create", true},
		{"roles/cloudtasks.queueAdmin", "cloudtasks.tasks.create", false},
		{"roles/pubsub.publisher", "pubsub.topics.publish", true},
		{"roles/pubsub.publisher", "pubsub.topics.create", false},
		{"roles/pubsub.subscriber", "pubsub.subscriptions.consume", true},
		{"roles/pubsub.subscriber", "pubsub.subscriptions.create", false},
		{"roles/pubsub.viewer", "pubsub.topics.publish", false},
		{"roles/pubsub.serviceAgent", iam.GetOpenIDToken, true},
		{"roles/owner", iam.GetOpenIDToken, false},
		{"roles/aiplatform.viewer", "aiplatform.pipelineJobs.create", false},
		{"roles/aiplatform.user", "aiplatform.pipelineJobs.create", true},
	}
	for _, tt := range tests {
		t.Run(tt.role+" "+tt.permission, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, iam.Config{Bindings: []iam.Binding{{Role: tt.role, Members: []string{"user:" + developer}, Resource: "projects/local-project"}}})
			if got := d.Allowed(lookup(t, d, developer), tt.permission, "projects/local-project/x"); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNewDirectoryRefuses(t *testing.T) {
	t.Parallel()
	bind := func(role, member string) []iam.Binding {
		return []iam.Binding{{Role: role, Members: []string{member}, Resource: "projects/p"}}
	}
	tests := []struct {
		name   string
		config iam.Config
		want   string
	}{
		{"short secret", iam.Config{Secret: []byte("short")}, "access token secret"},
		{"unknown role", iam.Config{Secret: secret, Bindings: bind("roles/nope", iam.AllUsers)}, `role "roles/nope" is unknown`},
		{"unknown member", iam.Config{Secret: secret, Bindings: bind("roles/run.invoker", "user:x@example.com")}, `member "user:x@example.com" does not exist`},
		{"member of another kind", iam.Config{Secret: secret, Users: []string{developer}, Bindings: bind("roles/run.invoker", "serviceAccount:"+developer)}, "does not exist"},
		{"member without kind", iam.Config{Secret: secret, Users: []string{developer}, Bindings: bind("roles/run.invoker", developer)}, "does not exist"},
		{"declared twice", iam.Config{Secret: secret, Users: []string{developer, developer}}, "declared twice"},
		{"no email", iam.Config{Secret: secret, Users: []string{"developer"}}, "want an email address"},
		{"no project", iam.Config{Secret: secret, Accounts: []iam.Account{{Email: "a@developer.gserviceaccount.com"}}}, "project must be given"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := iam.NewDirectory(tt.config)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestProjectOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		email, want string
		ok          bool
	}{
		{pipeline, "local-project", true},
		{"123-compute@developer.gserviceaccount.com", "", false},
		{"x@.iam.gserviceaccount.com", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got, ok := iam.ProjectOf(tt.email); ok != tt.ok || got != tt.want {
			t.Errorf("ProjectOf(%q) = %q, %v, want %q, %v", tt.email, got, ok, tt.want, tt.ok)
		}
	}
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
