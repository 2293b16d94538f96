package iampolicy_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/iam"
	"github.com/authcall/authcall/internal/localgcp/iampolicy"
)

const (
	queue  = "projects/local-project/locations/l/queues/q"
	keeper = "keeper@example.com"
)

func newRPC(t *testing.T) (iampolicy.RPC, *iam.Directory) {
	t.Helper()
	d, err := iam.NewDirectory(iam.Config{
		Accounts: []iam.Account{{Email: robot}},
		Users:    []string{keeper},
		Bindings: []iam.Binding{{Role: "roles/cloudtasks.admin", Members: []string{"user:" + keeper}, Resource: "projects/local-project"}},
		Secret:   []byte(strings.Repeat("s", 32)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return iampolicy.RPC{
		Permission: "cloudtasks.queues", Directory: d,
		Denied:   func(permission, _ string) error { return status.Error(codes.PermissionDenied, permission) },
		NotFound: func(string) error { return status.Error(codes.NotFound, "none") },
	}, d
}

func principal(t *testing.T, d *iam.Directory, email string) iam.Principal {
	t.Helper()
	p, ok := d.Lookup(email)
	if !ok {
		t.Fatal(errors.New("no " + email))
	}
	return p
}

// unwritable lets the directory keep no change.
func unwritable(t *testing.T, d *iam.Directory) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if _, err := d.Keep(filepath.Join(file, "iam.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil { // in the place of the directory
		t.Fatal(err)
	}
}

func TestReadModifyWriteOverRPC(t *testing.T) {
	t.Parallel()
	rpc, d := newRPC(t)
	who := principal(t, d, keeper)
	old, err := rpc.Get(who, queue, true)
	if err != nil || len(old.GetBindings()) != 0 || len(old.GetEtag()) == 0 {
		t.Fatalf("got %v, %v, want an empty policy with an etag", old, err)
	}
	wanted := &iampb.Policy{Etag: old.GetEtag(), Bindings: []*iampb.Binding{{Role: "roles/cloudtasks.enqueuer", Members: []string{"serviceAccount:" + robot}}}}
	if _, err := rpc.Set(who, queue, true, wanted); err != nil {
		t.Fatal(err)
	}
	if !d.Allowed(principal(t, d, robot), "cloudtasks.tasks.create", queue) {
		t.Error("the policy does not act")
	}
	if got, err := rpc.Get(who, queue, true); err != nil || len(got.GetBindings()) != 1 {
		t.Errorf("got %v, %v, want the binding", got, err)
	}
	if _, err := rpc.Set(who, queue, true, wanted); status.Code(err) != codes.Aborted {
		t.Errorf("with the old etag: got %v, want ABORTED", err)
	}
}

func TestRPCRefuses(t *testing.T) {
	t.Parallel()
	rpc, d := newRPC(t)
	who, stranger := principal(t, d, keeper), principal(t, d, robot)
	if _, err := rpc.Get(stranger, queue, true); status.Convert(err).Message() != "cloudtasks.queues.getIamPolicy" {
		t.Errorf("reading: got %v, want the permission that lacks", err)
	}
	if _, err := rpc.Set(stranger, queue, true, nil); status.Convert(err).Message() != "cloudtasks.queues.setIamPolicy" {
		t.Errorf("replacing: got %v, want the permission that lacks", err)
	}
	if _, err := rpc.Get(who, queue, false); status.Code(err) != codes.NotFound {
		t.Errorf("no resource: got %v, want NOT_FOUND", err)
	}
	unknown := &iampb.Policy{Bindings: []*iampb.Binding{{Role: "roles/none"}}}
	if _, err := rpc.Set(who, queue, true, unknown); status.Code(err) != codes.InvalidArgument {
		t.Errorf("unknown role: got %v, want INVALID_ARGUMENT", err)
	}
	conditional := &iampb.Policy{Bindings: []*iampb.Binding{{Role: "roles/owner", Condition: &expr.Expr{Expression: "true"}}}}
	if _, err := rpc.Set(who, queue, true, conditional); status.Code(err) != codes.Unimplemented {
		t.Errorf("condition: got %v, want UNIMPLEMENTED", err)
	}
}

func TestAPolicyThatCannotBeKeptOverRPC(t *testing.T) {
	t.Parallel()
	rpc, d := newRPC(t)
	unwritable(t, d)
	if _, err := rpc.Set(principal(t, d, keeper), queue, true, &iampb.Policy{}); status.Code(err) != codes.Internal {
		t.Errorf("got %v, want INTERNAL", err)
	}
}

func TestTestOverRPC(t *testing.T) {
	t.Parallel()
	rpc, d := newRPC(t)
	who := principal(t, d, keeper)
	asked := []string{"cloudtasks.tasks.create", "run.routes.invoke"}
	if got := rpc.Test(who, queue, true, asked).GetPermissions(); !slices.Equal(got, asked[:1]) {
		t.Errorf("got %q, want %q", got, asked[:1])
	}
	if got := rpc.Test(who, queue, false, asked).GetPermissions(); got != nil {
		t.Errorf("got %q on nothing", got)
	}
}
