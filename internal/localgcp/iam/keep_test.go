package iam_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

const (
	service = "projects/local-project/locations/us-central1/services/hello"
	fresh   = "fresh@local-project.iam.gserviceaccount.com"
)

// invokers is a policy that lets the emails of accounts call.
func invokers(emails ...string) iam.Policy {
	b := iam.Binding{Role: "roles/run.invoker"}
	for _, email := range emails {
		b.Members = append(b.Members, "serviceAccount:"+email)
	}
	return iam.Policy{Bindings: []iam.Binding{b}}
}

// declared is a configuration whose service lets the accounts call.
func declared(emails ...string) iam.Config {
	b := invokers(emails...).Bindings[0]
	b.Resource = service
	return iam.Config{Bindings: []iam.Binding{b}}
}

// kept is a directory that goes on with what the file holds.
func kept(t *testing.T, file string, c iam.Config) (d *iam.Directory, outdated []string) {
	t.Helper()
	d = newDirectory(t, c)
	outdated, err := d.Keep(file)
	if err != nil {
		t.Fatal(err)
	}
	return d, outdated
}

func set(t *testing.T, d *iam.Directory, p iam.Policy) {
	t.Helper()
	if _, err := d.SetPolicy(service, p, ""); err != nil {
		t.Fatal(err)
	}
}

func mayCall(t *testing.T, d *iam.Directory, email string) bool {
	t.Helper()
	return d.Allowed(lookup(t, d, email), iam.InvokeRun, service)
}

func TestChangesAreKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "iam.json")
	first, _ := kept(t, file, declared(caller))
	made, err := first.CreateAccount(iam.Account{Email: fresh})
	if err != nil {
		t.Fatal(err)
	}
	set(t, first, invokers(fresh))
	for _, further := range []string{"second", "third"} { // what was taken up stays kept with what follows
		next, outdated := kept(t, file, declared(caller))
		if p := lookup(t, next, fresh); p.ID != made.ID || p.Project != made.Project {
			t.Errorf("got %v, want %v", p, made)
		}
		if !mayCall(t, next, fresh) || mayCall(t, next, caller) || outdated != nil {
			t.Errorf("got %v, outdated %q, want the policy that was set alone", next.Policy(service), outdated)
		}
		if next.Policy(service).ETag() != first.Policy(service).ETag() {
			t.Error("the policy has another etag")
		}
		if _, err := next.CreateAccount(iam.Account{Email: further + "@local-project.iam.gserviceaccount.com"}); err != nil {
			t.Fatal(err)
		}
	}
}

// Who changes the configuration means it: what was set on top of the old one does
// not hide that.
func TestAnotherDeclarationCounts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "iam.json")
	first, _ := kept(t, file, declared(caller))
	set(t, first, iam.Policy{})
	other, outdated := kept(t, file, declared(pipeline))
	if !mayCall(t, other, pipeline) || !slices.Equal(outdated, []string{service}) {
		t.Errorf("got %v, outdated %q, want what is declared now, and the resource", other.Policy(service), outdated)
	}
	if again, outdated := kept(t, file, declared(caller)); mayCall(t, again, caller) || outdated != nil {
		t.Errorf("declared as before: got %v, outdated %q, want what was set", again.Policy(service), outdated)
	}
}

func TestWhatIsDeclaredIsNotKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "iam.json")
	d, _ := kept(t, file, declared(caller))
	set(t, d, iam.Policy{})
	set(t, d, invokers(caller))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), service) {
		t.Errorf("got %s, want no policy", data)
	}
}

func TestMembersThatAreGoneAreLeftOut(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "iam.json")
	c := declared(caller)
	c.Accounts = []iam.Account{{Email: fresh}}
	first, _ := kept(t, file, c)
	set(t, first, invokers(fresh, pipeline))
	next, _ := kept(t, file, declared(caller))
	want := invokers(pipeline)
	want.Bindings[0].Resource = service
	if diff := cmp.Diff(want, next.Policy(service)); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeKeptIsNotDone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, _ := kept(t, filepath.Join(dir, "gone", "iam.json"), declared(caller))
	if err := os.WriteFile(filepath.Join(dir, "gone"), nil, 0o600); err != nil { // in the directory's place
		t.Fatal(err)
	}
	if _, err := d.SetPolicy(service, iam.Policy{}, ""); !errors.Is(err, iam.ErrNotKept) || !mayCall(t, d, caller) {
		t.Errorf("setting a policy: got %v, want ErrNotKept and the policy as it was", err)
	}
	if _, err := d.CreateAccount(iam.Account{Email: fresh}); !errors.Is(err, iam.ErrNotKept) {
		t.Errorf("making an account: got %v, want ErrNotKept", err)
	}
	if _, ok := d.Lookup(fresh); ok {
		t.Error("the account is there")
	}
}

func TestKeepRefusesAFileOfSomethingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"junk", `{"accounts": [{"email": "no email"}]}`} {
		file := filepath.Join(t.TempDir(), "iam.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := newDirectory(t, iam.Config{}).Keep(file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v, want an error that names the file", text, err)
		}
	}
}
