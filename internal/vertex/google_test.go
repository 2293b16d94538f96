package vertex

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/vertex/vertextest"
)

const (
	googleHost = "us-central1-aiplatform.googleapis.com"
	submitter  = "submit"
)

// TestMain makes the test's binary a program that submits to Vertex AI where it
// is started under that name: how TLS, proxies and credentials are found is the
// business of a process's environment.
func TestMain(m *testing.M) {
	if os.Args[0] == submitter {
		if err := json.NewEncoder(os.Stdout).Encode(submitToGoogle(context.Background())); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// told is what the program tells of its submission.
type told struct {
	Name, Error string
	Kind        Kind
}

func submitToGoogle(ctx context.Context) told {
	creds, err := gapi.FindCredentials(ctx, "")
	if err != nil {
		return told{Error: err.Error(), Kind: Credentials}
	}
	client, err := NewClient(ctx, ClientOptions{Location: "us-central1", Credentials: creds, UserAgent: "authpipe/test"})
	if err != nil {
		return told{Error: err.Error()}
	}
	defer func() { _ = client.Close() }()
	job, err := create(ctx, client, must(validSubmission().Request()))
	if err != nil {
		return told{Error: err.Error(), Kind: err.(*Error).Kind} //nolint:errorlint // create promises it
	}
	return told{Name: job.GetName()}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// runSubmitter starts the program with an environment from scratch.
func runSubmitter(t *testing.T, env ...string) (got told) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux a process is told by SSL_CERT_FILE whom to trust")
	}
	cmd := exec.CommandContext(t.Context(), must(os.Executable()))
	cmd.Args, cmd.Env = []string{submitter}, env
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if strings.Contains(string(out), "secret-") {
		t.Errorf("a secret shows: %s", out)
	}
	return got
}

func adc(file string) string { return "GOOGLE_APPLICATION_CREDENTIALS=" + file }

func TestTheWayToGoogle(t *testing.T) {
	t.Parallel()
	google := vertextest.Start(t, vertextest.Options{Host: googleHost, Service: new(service)})
	got := runSubmitter(t, append(google.Env(), adc(vertextest.Credentials(t, "")))...)
	if want := (told{Name: testParent + "/pipelineJobs/job-1"}); got != want {
		t.Fatalf("told %+v, want %+v", got, want)
	}
	if diff := cmp.Diff([]string{googleHost + ":443"}, google.Dialled()); diff != "" {
		t.Errorf("dialled (-want +got):\n%s", diff)
	}
	call := google.Calls()[0]
	seen := map[string]string{"server name": call.TLS.ServerName, "protocol": call.TLS.NegotiatedProtocol}
	for _, key := range []string{"authorization", "x-goog-user-project", "x-goog-request-params"} {
		seen[key] = strings.Join(call.Metadata.Get(key), ", ")
	}
	want := map[string]string{
		"server name":           googleHost,
		"protocol":              "h2",
		"authorization":         "Bearer " + vertextest.Token,
		"x-goog-user-project":   "billed-project",
		"x-goog-request-params": "parent=projects%2Flocal-project%2Flocations%2Fus-central1",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
	if agent := strings.Join(call.Metadata.Get("user-agent"), ", "); !strings.HasPrefix(agent, "authpipe/test ") {
		t.Errorf("user agent = %q, want authpipe/test first", agent)
	}
}

// The request is the same, byte for byte, whichever way it goes.
func TestGoogleGetsWhatALocalServiceGets(t *testing.T) {
	t.Parallel()
	google := vertextest.Start(t, vertextest.Options{Host: googleHost, Service: new(service)})
	runSubmitter(t, append(google.Env(), adc(vertextest.Credentials(t, "")))...)

	local := new(service)
	client, err := NewClient(t.Context(), ClientOptions{Endpoint: serve(t, local), Credentials: staticCredentials("")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if _, err := Submit(t.Context(), client, validSubmission()); err != nil {
		t.Fatal(err)
	}
	remote := google.Calls()[0].Request.(*aiplatformpb.CreatePipelineJobRequest)
	if string(wire(remote)) != string(wire(local.created[0])) {
		t.Errorf("requests differ (-local +google):\n%s", cmp.Diff(fmt.Sprint(local.created[0]), fmt.Sprint(remote)))
	}
}

// wire is a message as it is sent, with its maps in order.
func wire(m proto.Message) []byte {
	return must(proto.MarshalOptions{Deterministic: true}.Marshal(m))
}

func TestGoogleCannotBeReached(t *testing.T) {
	t.Parallel()
	const europe = "europe-west4-aiplatform.googleapis.com"
	cases := []struct {
		name    string
		server  vertextest.Options
		env     []string // over the server's own
		refusal string
		want    Kind
		wantErr string
	}{
		{
			name:    "a certificate for another name",
			server:  vertextest.Options{Host: googleHost, Certified: europe},
			want:    Unavailable,
			wantErr: "certificate is valid for " + europe + ", not " + googleHost,
		},
		{
			name:    "an authority that nobody trusts",
			server:  vertextest.Options{Host: googleHost},
			env:     []string{"SSL_CERT_FILE=/dev/null", "SSL_CERT_DIR=/nonexistent"},
			want:    Unavailable,
			wantErr: "certificate signed by unknown authority",
		},
		{
			name:    "a proxy that lets nobody through",
			server:  vertextest.Options{Host: europe},
			want:    Unavailable,
			wantErr: "the proxy lets no connection through: 502 Bad Gateway",
		},
		{
			name:    "a refresh token that has expired",
			server:  vertextest.Options{Host: googleHost},
			refusal: `{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}`,
			want:    Credentials,
			wantErr: "Token has been expired or revoked.",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.server.Service = new(service)
			google := vertextest.Start(t, c.server)
			env := append(google.Env(), adc(vertextest.Credentials(t, c.refusal)))
			got := runSubmitter(t, append(env, c.env...)...)
			if got.Kind != c.want || !strings.Contains(got.Error, c.wantErr) {
				t.Errorf("told %+v, want kind %q and an error with %q", got, c.want, c.wantErr)
			}
			if calls := google.Calls(); len(calls) > 0 {
				t.Errorf("%d calls arrived", len(calls))
			}
		})
	}
}
