package authpipe

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/cli/authpipe/componentyaml"
)

// allowUnexported lets cmp look into all options.
var allowUnexported = cmp.AllowUnexported(source{}, parameterFlags{}, targetFlags{}, localFlags{}, placeFlags{}, runsOptions{},
	submitOptions{}, compileOptions{}, validateOptions{}, componentOptions{}, localUpOptions{},
	runOptions{}, runsListOptions{}, runsWatchOptions{}, runsLogsOptions{})

// flagCase is a command line and the options that it stands for.
type flagCase[O any] struct {
	name, line string
	want       O
	wantErr    string
}

// checkFlags runs each line with a command that only keeps its options.
func checkFlags[O any](t *testing.T, construct func(*factory, func(context.Context, O) error) *cobra.Command, cases []flagCase[O]) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got O
			cmd := construct(&factory{}, func(_ context.Context, o O) error {
				got = o
				return nil
			})
			cmd.SetArgs(strings.Fields(c.line))
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			err := cmd.Execute()
			if (err != nil) != (c.wantErr != "") || err != nil && !strings.Contains(err.Error(), c.wantErr) {
				t.Fatalf("error = %v, want %q", err, c.wantErr)
			}
			if c.wantErr != "" {
				return
			}
			if diff := cmp.Diff(c.want, got, allowUnexported); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSubmitFlags(t *testing.T) {
	t.Parallel()
	// with is the options of `submit p` with a change.
	with := func(change func(*submitOptions)) submitOptions {
		o := submitOptions{source: source{name: "p"}, wait: true}
		change(&o)
		return o
	}
	checkFlags(t, newSubmit, []flagCase[submitOptions]{
		{name: "defaults", line: "p", want: with(func(*submitOptions) {})},
		{name: "parameters", line: "p -p a=1 --param b=2,3 --params-file f", want: with(func(o *submitOptions) {
			o.parameters = parameterFlags{pairs: []string{"a=1", "b=2,3"}, file: "f"}
		})},
		{name: "place", line: "p --project q --location l --pipeline-root gs://b --service-account a", want: with(func(o *submitOptions) {
			o.cloud, o.pipelineRoot, o.serviceAccount = targetFlags{project: "q", location: "l"}, "gs://b", "a"
		})},
		{name: "local", line: "p --local --local-config c --state-dir d", want: with(func(o *submitOptions) {
			o.local = localFlags{on: true, config: "c", stateDir: "d"}
		})},
		{name: "detach", line: "p --detach", want: with(func(o *submitOptions) { o.wait, o.detach = false, true })},
		{name: "no wait", line: "p --wait=false", want: with(func(o *submitOptions) { o.wait = false })},
		{name: "timeout", line: "p --timeout 90s", want: with(func(o *submitOptions) { o.timeout = 90 * time.Second })},
		{name: "names", line: "p --job-id i --display-name n --label a=b --label c=d", want: with(func(o *submitOptions) {
			o.jobID, o.displayName, o.labels = "i", "n", map[string]string{"a": "b", "c": "d"}
		})},
		{name: "the rest", line: "p --image x --enable-caching false --dry-run -o json", want: with(func(o *submitOptions) {
			o.source.image, o.caching, o.dryRun, o.output = "x", "false", true, "json"
		})},

		{name: "another output", line: "p -o yaml", wantErr: "want json"},
		{name: "caching of another kind", line: "p --enable-caching maybe", wantErr: "want true or false"},
		{name: "negative timeout", line: "p --timeout -1s", wantErr: "--timeout is negative"},
		{name: "timeout without a wait", line: "p --timeout 1s --detach", wantErr: "--timeout bounds a wait"},
		{name: "local and detached", line: "p --local --detach", wantErr: "--detach does not go with it"},
		{name: "local and not waiting", line: "p --local --wait=false", wantErr: "--detach does not go with it"},
		{name: "local and a project", line: "p --local --project q", wantErr: "do not go with --local"},
		{name: "local and a location", line: "p --local --location l", wantErr: "do not go with --local"},
		{name: "configuration of nothing", line: "p --local-config c", wantErr: "need --local"},
		{name: "state of nothing", line: "p --state-dir d", wantErr: "need --local"},
	})
}

func TestOtherFlags(t *testing.T) {
	t.Parallel()
	t.Run("compile", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newCompile, []flagCase[compileOptions]{
			{name: "defaults", line: "p", want: compileOptions{source: source{name: "p"}}},
			{name: "all", line: "p -o f --image i", want: compileOptions{source: source{name: "p", image: "i"}, output: "f"}},
			{name: "none", line: "", wantErr: "PIPELINE|FILE|URL is missing"},
		})
	})
	t.Run("validate", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newValidate, []flagCase[validateOptions]{
			{name: "a file", line: "f", want: validateOptions{source: source{name: "f"}}},
			{name: "two", line: "f g", wantErr: `unexpected argument "g"`},
		})
	})
	t.Run("component", func(t *testing.T) {
		t.Parallel()
		small := componentyaml.Settings{CPU: "1", Memory: "512Mi"}
		checkFlags(t, newComponent, []flagCase[componentOptions]{
			{name: "defaults", line: "", want: componentOptions{image: component.DefaultImage(), format: "component", settings: small}},
			{name: "notifier", line: "--image i -o f --format notifier", want: componentOptions{image: "i", format: "notifier", settings: small, output: "f"}},
			{name: "settings", line: "--format ir --retries 2 --cpu 2 --memory 1G", want: componentOptions{
				image: component.DefaultImage(), format: "ir", settings: componentyaml.Settings{Retries: 2, CPU: "2", Memory: "1G"},
			}},
			{name: "settings of another form", line: "--cpu 2", wantErr: "--cpu needs --format ir"},
			{name: "fewer than no retries", line: "--format ir --retries -1", wantErr: "--retries is negative"},
		})
	})
	t.Run("local up", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newLocalUp, []flagCase[localUpOptions]{
			{name: "defaults", line: "", want: localUpOptions{}},
			{name: "all", line: "--config c --state-dir d --env-file e -v", want: localUpOptions{
				local: localFlags{config: "c", stateDir: "d"}, envFile: "e", verbose: true,
			}},
			{name: "argument", line: "now", wantErr: `unexpected argument "now"`},
		})
	})
}

func TestRunsFlags(t *testing.T) {
	t.Parallel()
	common := runsOptions{placeFlags: placeFlags{cloud: targetFlags{project: "p", location: "l"}}, output: "json"}
	const line = " --project p --location l -o json"
	t.Run("get", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newRunsGet, []flagCase[runOptions]{
			{name: "all", line: "r" + line, want: runOptions{runsOptions: common, run: "r"}},
			{name: "local", line: "r --local --state-dir d", want: runOptions{runsOptions: runsOptions{placeFlags: placeFlags{local: localFlags{on: true, stateDir: "d"}}}, run: "r"}},
			{name: "by its whole name", line: "projects/p/locations/l/pipelineJobs/r", want: runOptions{
				runsOptions: runsOptions{placeFlags: placeFlags{cloud: targetFlags{project: "p", location: "l"}}}, run: "projects/p/locations/l/pipelineJobs/r",
			}},
			{name: "by no name", line: "projects/p", wantErr: "want projects/PROJECT/locations/LOCATION/pipelineJobs/ID"},
			{name: "none", line: "", wantErr: "RUN is missing"},
			{name: "local and a project", line: "r --local --project p", wantErr: "do not go with --local"},
			{name: "state of nothing", line: "r --state-dir d", wantErr: "need --local"},
			{name: "another output", line: "r -o yaml", wantErr: "want json"},
		})
	})
	t.Run("list", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newRunsList, []flagCase[runsListOptions]{
			{name: "defaults", line: "", want: runsListOptions{limit: 20}},
			{name: "all", line: "--limit 5 --filter f" + line, want: runsListOptions{runsOptions: common, limit: 5, filter: "f"}},
			{name: "no limit", line: "--limit 0", wantErr: "want at least 1"},
		})
	})
	t.Run("watch", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newRunsWatch, []flagCase[runsWatchOptions]{
			{name: "all", line: "r --timeout 1m" + line, want: runsWatchOptions{runOptions: runOptions{runsOptions: common, run: "r"}, timeout: time.Minute}},
			{name: "negative timeout", line: "r --timeout -1s", wantErr: "negative"},
		})
	})
	t.Run("logs", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newRunsLogs, []flagCase[runsLogsOptions]{
			{name: "all", line: "r --task call" + line, want: runsLogsOptions{runOptions: runOptions{runsOptions: common, run: "r"}, task: "call"}},
			{name: "local and a project", line: "r --local --project p", wantErr: "do not go with --local"},
		})
	})
	t.Run("delete", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newRunsDelete, []flagCase[runOptions]{
			{name: "all", line: "r" + line, want: runOptions{runsOptions: common, run: "r"}},
			{name: "none", line: "", wantErr: "RUN is missing"},
		})
	})
	t.Run("cancel", func(t *testing.T) {
		t.Parallel()
		checkFlags(t, newRunsCancel, []flagCase[runOptions]{
			{name: "all", line: "r" + line, want: runOptions{runsOptions: common, run: "r"}},
		})
	})
}
