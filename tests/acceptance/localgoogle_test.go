package acceptance

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rs/zerolog"
	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/localgcp"
)

// Accounts of the default configuration, which the scripts' own keep.
const (
	pipelineAccount = "pipeline@local-project.iam.gserviceaccount.com"
	callerAccount   = "caller@local-project.iam.gserviceaccount.com"
)

// startLocalGoogle is the script command `localgoogle [CONFIG]`: it starts the
// embedded local Google in this process until the script ends, and gives the
// script the environment of a pipeline's step. What CONFIG says at its top goes
// over the default configuration. $HELLO and $DASHBOARD, and so on for each
// service, are the services' URLs, $CALLER is the account that they let in,
// $PIPELINE that of the step, $CREDENTIALS the folder of declared credentials.
func startLocalGoogle(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: localgoogle [CONFIG]")
	}
	ts.Setenv("CALLER", callerAccount)
	ts.Setenv("PIPELINE", pipelineAccount)
	requests := &requestLog{}
	ts.Value(requestsKey{}).(*requestBox).log = requests
	options := localgcp.Options{StateDir: filepath.Join(ts.Getenv("WORK"), "google"), Log: zerolog.New(requests)}
	if len(args) == 1 {
		options.Config = overlaid(ts, ts.ReadFile(args[0]))
	}
	server, err := localgcp.Start(context.Background(), options)
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Close()) })
	ts.Value(googleKey{}).(*googleBox).server = server

	env, err := server.StepEnv(pipelineAccount)
	ts.Check(err)
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		ts.Setenv(name, value)
	}
	ts.Setenv("AUTHCALL_MOUNT_ROOT", options.StateDir)
	ts.Setenv("API", ts.Getenv("AUTHCALL_IAM_ENDPOINT"))
	ts.Setenv("CREDENTIALS", filepath.Join(options.StateDir, "credentials"))
	for _, v := range server.Env() {
		if name, ours := strings.CutPrefix(v.Name, "AUTHPIPE_LOCAL_URL_"); ours {
			ts.Setenv(name, v.Value)
		}
	}
}

// overlaid is the default configuration with the fields of text in place of its
// own; $NAME in text is the script's variable.
func overlaid(ts *testscript.TestScript, text string) *localgcp.Config {
	all, over := map[string]any{}, map[string]any{}
	ts.Check(yaml.Unmarshal(localgcp.DefaultYAML(), &all))
	ts.Check(yaml.Unmarshal([]byte(os.Expand(text, ts.Getenv)), &over))
	maps.Copy(all, over)
	data, err := yaml.Marshal(all)
	ts.Check(err)
	config, err := localgcp.ParseConfig(data)
	ts.Check(err)
	return config
}

type googleKey struct{}

// googleBox holds the script's local Google between its commands.
type googleBox struct{ server *localgcp.Server }

// developer is the script command `developer`: after localgoogle, it gives the
// script the environment in which authpipe works for the local Google's developer.
func developer(ts *testscript.TestScript, neg bool, args []string) {
	server := ts.Value(googleKey{}).(*googleBox).server
	if neg || len(args) > 0 || server == nil {
		ts.Fatalf("usage: localgoogle, then developer")
	}
	for _, v := range server.Env() {
		if strings.HasPrefix(v.Name, "AUTHPIPE_") || v.Name == "AUTHCALL_IAM_ADMIN_ENDPOINT" {
			ts.Setenv(v.Name, v.Value)
		}
	}
}
