package authpipe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"

	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/interrupt"
	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/vertex"
)

func TestReportIsOneLineThatNoTerminalObeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeService{})
	report(t.Context(), w.factory, errors.Join(errors.New("task call: 500 \x1b[2J"), errors.New("and more")))
	if got, want := w.err.String(), "authpipe: task call: 500 \ufffd[2J; and more\n"; got != want {
		t.Errorf("report told %q, want %q", got, want)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	stopped := func(s os.Signal) context.Context {
		ctx, stop := context.WithCancelCause(t.Context())
		stop(&interrupt.Error{Signal: s})
		return ctx
	}
	cases := []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{name: "nothing", want: exitcode.OK},
		{name: "a failed run", err: &vertex.RunError{Job: &aiplatformpb.PipelineJob{}}, want: exitcode.Failed},
		{name: "a failed run, told", err: &runFailure{run: &vertex.RunError{Job: &aiplatformpb.PipelineJob{}}}, want: exitcode.Failed},
		{name: "usage", err: usageErrorf("no"), want: exitcode.Usage},
		{name: "parameter", err: errors.Join(&pipelinespec.ParameterError{Name: "p"}), want: exitcode.Usage},
		{name: "invalid", err: &vertex.Error{Kind: vertex.Invalid}, want: exitcode.Usage},
		{name: "credentials", err: &vertex.Error{Kind: vertex.Credentials}, want: exitcode.Identity},
		{name: "permission", err: &vertex.Error{Kind: vertex.Permission}, want: exitcode.Identity},
		{name: "actAs, cured", err: withCure(&vertex.Error{Kind: vertex.ActAs}, "do"), want: exitcode.Identity},
		{name: "rejected", err: &vertex.Error{Kind: vertex.Rejected}, want: exitcode.Unreachable},
		{name: "not found", err: &vertex.Error{Kind: vertex.NotFound}, want: exitcode.Unreachable},
		{name: "exists", err: &vertex.Error{Kind: vertex.Exists}, want: exitcode.Unreachable},
		{name: "quota", err: &vertex.Error{Kind: vertex.Quota}, want: exitcode.Unreachable},
		{name: "unavailable", err: &vertex.Error{Kind: vertex.Unavailable}, want: exitcode.Unreachable},
		{name: "internal", err: &vertex.Error{Kind: vertex.Internal}, want: exitcode.Unreachable},
		{name: "waited", err: fmt.Errorf("%w; it goes on", &waitError{waited: "1s"}), want: exitcode.WaitTimeout},
		{name: "anything else", err: errors.New("no"), want: exitcode.Unreachable},
		{name: "SIGINT", ctx: stopped(os.Interrupt), err: errors.New("no"), want: exitcode.Interrupted},
		{name: "SIGTERM", ctx: stopped(syscall.SIGTERM), err: errors.New("no"), want: exitcode.Terminated},
		{name: "a signal that was waited for", ctx: stopped(syscall.SIGTERM), want: exitcode.OK},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := c.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			if got := exitCode(ctx, c.err); got != c.want {
				t.Errorf("exitCode(%v) = %d, want %d", c.err, got, c.want)
			}
		})
	}
}

func TestCures(t *testing.T) {
	t.Parallel()
	place := target{project: "p"}
	cases := []struct {
		name string
		err  vertex.Error
		at   target
		who  string
		want string
	}{
		{
			name: "actAs", err: vertex.Error{Kind: vertex.ActAs, ServiceAccount: "sa@p.iam.gserviceaccount.com"}, at: place, who: "user:a@example.com",
			want: "gcloud iam service-accounts add-iam-policy-binding sa@p.iam.gserviceaccount.com --project=p --member=user:a@example.com --role=roles/iam.serviceAccountUser",
		},
		{
			name: "actAs on an account of another project", err: vertex.Error{Kind: vertex.ActAs, ServiceAccount: "sa@q.iam.gserviceaccount.com"}, at: place, who: "user:a@example.com",
			want: "gcloud iam service-accounts add-iam-policy-binding sa@q.iam.gserviceaccount.com --project=q --member=user:a@example.com --role=roles/iam.serviceAccountUser" +
				"; as the account is of another project also: gcloud resource-manager org-policies disable-enforce iam.disableCrossProjectServiceAccountUsage --project=q && " +
				`gcloud iam service-accounts add-iam-policy-binding sa@q.iam.gserviceaccount.com --project=q --member="serviceAccount:service-$(gcloud projects describe p --format='value(projectNumber)')@gcp-sa-aiplatform-cc.iam.gserviceaccount.com" --role=roles/iam.serviceAccountTokenCreator`,
		},
		{
			name: "actAs on an account that names no project, by nobody known", err: vertex.Error{Kind: vertex.ActAs, ServiceAccount: "1-compute@developer.gserviceaccount.com"}, at: place,
			want: `gcloud iam service-accounts add-iam-policy-binding 1-compute@developer.gserviceaccount.com --member="user:$(gcloud config get account)" --role=roles/iam.serviceAccountUser`,
		},
		{
			name: "permission", err: vertex.Error{Kind: vertex.Permission}, at: place, who: "serviceAccount:a@p.iam.gserviceaccount.com",
			want: "gcloud projects add-iam-policy-binding p --member=serviceAccount:a@p.iam.gserviceaccount.com --role=roles/aiplatform.user",
		},
		{name: "API that is off", err: vertex.Error{Kind: vertex.Permission, Reason: "SERVICE_DISABLED"}, at: place, want: "gcloud services enable aiplatform.googleapis.com --project=p"},
		{name: "narrow token", err: vertex.Error{Kind: vertex.Permission, Reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}, at: place, want: cureCredentials},
		{name: "no token", err: vertex.Error{Kind: vertex.Credentials}, at: place, want: cureCredentials},
		{name: "wrong endpoint", err: vertex.Error{Kind: vertex.Unavailable}, at: target{endpoint: "127.0.0.1:1"}, want: "check AUTHPIPE_VERTEX_ENDPOINT, which names 127.0.0.1:1"},
		{name: "Vertex AI is not there", err: vertex.Error{Kind: vertex.Unavailable}, at: target{location: "mars"}, want: "check that --location mars is a region of Vertex AI, and that this network reaches it"},
		{
			name: "a proxy that inspects TLS", err: vertex.Error{Kind: vertex.Unavailable, Message: "tls: x509: unknown authority"}, at: place,
			want: "if a proxy of this network inspects TLS, name the PEM file of its authority in SSL_CERT_FILE",
		},
		{
			name: "a proxy that lets nobody through", err: vertex.Error{Kind: vertex.Unavailable, Message: "the proxy lets no connection through: 403"}, at: place,
			want: "check HTTPS_PROXY and NO_PROXY, or let this host through",
		},
		{name: "no such run here", err: vertex.Error{Kind: vertex.NotFound}, at: target{credentialsFile: "x"}, want: "`authpipe runs list --local` shows the runs"},
		{name: "nobody knows", err: vertex.Error{Kind: vertex.Internal}, at: place},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := cure(&c.err, c.at, c.who); got != c.want {
				t.Errorf("cure() =\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
