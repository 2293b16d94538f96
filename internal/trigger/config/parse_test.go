package config

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// specs are the pipelines that a test knows: one with a parameter of each type, of
// which only url is required, and one that says where its artifacts go.
func specs(_ context.Context, name string) (*pipelinespec.Spec, error) {
	spec := func(root string) *pipelinespec.Spec {
		return &pipelinespec.Spec{
			PipelineInfo:        pipelinespec.PipelineInfo{Name: name},
			SchemaVersion:       pipelinespec.SchemaVersion,
			DefaultPipelineRoot: root,
			Root: &pipelinespec.Component{InputDefinitions: &pipelinespec.InputDefinitions{Parameters: map[string]*pipelinespec.InputParameter{
				"url":     {ParameterType: pipelinespec.String},
				"count":   {ParameterType: pipelinespec.NumberInteger, DefaultValue: 1.0},
				"ratio":   {ParameterType: pipelinespec.NumberDouble, IsOptional: true},
				"flag":    {ParameterType: pipelinespec.Boolean, IsOptional: true},
				"list":    {ParameterType: pipelinespec.List, IsOptional: true},
				"headers": {ParameterType: pipelinespec.Struct, IsOptional: true},
			}}},
		}
	}
	switch name {
	case "all":
		return spec(""), nil
	case "rooted":
		return spec("gs://spec-bucket/runs"), nil
	default:
		return nil, errors.New("no file " + name)
	}
}

const good = `url: https://events.example.com/base/
project: my-project
location: us-central1
pipeline_root: gs://my-bucket/runs
service_account: pipeline@my-project.iam.gserviceaccount.com
routes:
  - path: /nightly/run
    from: scheduler
    callers: [scheduler@my-project.iam.gserviceaccount.com]
    pipeline: all
    parameters:
      url: '"https://x.example.com"'
`

func parse(t testing.TB, text string) (*Config, error) {
	t.Helper()
	return Parse(context.Background(), []byte(text), Options{Load: specs})
}

func TestParseFillsIn(t *testing.T) {
	t.Parallel()
	c, err := parse(t, good+`  - name: second
    path: /
    from: http
    callers: [a@b.c]
    audiences: [other]
    pipeline: rooted
    on_bad_event: drop
    pipeline_root: gs://own-bucket
    service_account: own@my-project.iam.gserviceaccount.com
    parameters: {url: .body.url, count: 7}
    when: .body.go
    id: .body.id
`)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Name, Path, Account, Root, Pipeline string
		Audiences                           []string
		OnBadEvent                          OnBadEvent
		Mapped                              int
		When, ID                            bool
	}
	var got []row
	for _, r := range c.Routes {
		got = append(got, row{
			r.Name, r.Path, r.ServiceAccount, r.PipelineRoot, r.PipelineName, r.Audiences, r.OnBadEvent, len(r.Mapping),
			!r.Wanted.IsEmpty(), !r.Named.IsEmpty(),
		})
		if r.Template == nil {
			t.Errorf("%s has no template", r.Name)
		}
	}
	want := []row{
		{
			Name: "nightly-run", Path: "/nightly/run", Account: "pipeline@my-project.iam.gserviceaccount.com", Root: "gs://my-bucket/runs", Pipeline: "all",
			Audiences: []string{"https://events.example.com/base/nightly/run", "https://events.example.com/base"}, OnBadEvent: Reject, Mapped: 1,
		},
		{
			Name: "second", Path: "/", Account: "own@my-project.iam.gserviceaccount.com", Root: "gs://own-bucket", Pipeline: "rooted",
			Audiences: []string{"other"}, OnBadEvent: Drop, Mapped: 2, When: true, ID: true,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(defaultLimits(), c.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestParseTakesWhatTheFileLeavesOut(t *testing.T) {
	t.Parallel()
	const text = `routes:
  - {path: /a, from: tasks, callers: [a@b.c], pipeline: rooted, parameters: {url: .text}}
`
	o := Options{
		Load: specs,
		Defaults: Config{
			URL: "http://127.0.0.1:8080", Project: "default-project", Location: "us-east1",
			ServiceAccount: "default@my-project.iam.gserviceaccount.com",
		},
		Override: Config{Project: "other-project"},
	}
	c, err := Parse(t.Context(), []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Routes[0]
	got := []string{c.URL, c.Project, c.Location, r.Name, r.ServiceAccount, r.PipelineRoot, r.Audiences[0]}
	want := []string{"http://127.0.0.1:8080", "other-project", "us-east1", "a", o.Defaults.ServiceAccount, "gs://spec-bucket/runs", "http://127.0.0.1:8080/a"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// One line of a good file is replaced, and the fault is told with the line that it is
// at.
func TestParseTellsFaultsWithTheirLines(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, old, with, want string }{
		{"unknown field", "location: us-central1", "location: us-central1\nlokation: x", "line 4: field lokation not found"},
		{"unknown field of a route", "    from: scheduler", "    from: scheduler\n    form: x", "line 9: field form not found"},
		{"a list where a text belongs", "from: scheduler", "from: [scheduler]", "line 8: cannot unmarshal"},
		{"a field twice", "location: us-central1", "location: us-central1\nlocation: x", "already defined at line 3"},
		{"no URL", "url: https://events.example.com/base/", "", "line 1: url: it is missing, want the receiver's public URL"},
		{"URL without TLS", "https://events.example.com/base/", "http://events.example.com", `line 1: url: got "http://events.example.com", want an https:// URL`},
		{"URL with a query", "https://events.example.com/base/", "https://events.example.com?x=y", "want an https:// URL without a query"},
		{"project", "my-project\nlocation", "My Project\nlocation", "line 2: project: invalid project"},
		{"location", "us-central1", "'us central'", "line 3: location: invalid location"},
		{"pipeline root", "gs://my-bucket/runs", "/tmp", "pipeline_root: invalid pipeline root"},
		{"account", "pipeline@my-project.iam.gserviceaccount.com", "pipeline", "service_account: invalid service account"},
		{"on_bad_event", "location:", "on_bad_event: forget\nlocation:", `line 3: on_bad_event: got "forget", want reject or drop`},
		{"limit", "location:", "limits: {max_body_bytes: 99999999}\nlocation:", "line 3: limits.max_body_bytes: got 99999999, want 1 to 33554432"},
		{"limit of none", "location:", "limits:\n  max_concurrent: 0\nlocation:", "line 4: limits.max_concurrent: got 0, want 1 to 10000"},
		{"path", "/nightly/run", "nightly", `line 7: routes[0].path: got "nightly", want a path such as /nightly`},
		{"path with a slash at its end", "/nightly/run", "/nightly/", "with no slash at its end"},
		{"path of the receiver's own", "/nightly/run", "/healthz", "/healthz is the receiver's own"},
		{"no path", "path: /nightly/run\n    from", "from", "routes[0].path: it is missing"},
		{"name", "    from:", "    name: Nightly\n    from:", `line 8: routes[0].name: got "Nightly", want a lower-case letter`},
		{"sender", "from: scheduler", "from: cron", `line 8: routes[0].from: got "cron", want one of scheduler, tasks, pubsub, cloudevents, http`},
		{"no callers", "    callers: [scheduler@my-project.iam.gserviceaccount.com]\n", "", "line 7: routes[0].callers: there is none"},
		{"caller with a prefix", "[scheduler@", "[serviceAccount:scheduler@", "line 9: routes[0].callers[0]: got"},
		{"audience of nothing", "    from:", "    audiences: ['']\n    from:", "line 8: routes[0].audiences[0]: it is missing"},
		{"no pipeline", "    pipeline: all\n", "", "routes[0].pipeline: it is missing"},
		{"pipeline from stdin", "pipeline: all", "pipeline: '-'", `routes[0].pipeline: got "-"`},
		{"pipeline that is not there", "pipeline: all", "pipeline: none.yaml", "line 10: routes[0].pipeline: no file none.yaml"},
		{"no such parameter", "      url:", "      urL: .a\n      url:", `line 12: routes[0].parameters.urL: pipeline all has no such parameter, it has ["count" "flag" "headers" "list" "ratio" "url"]`},
		{"required parameter", `url: '"https://x.example.com"'`, "count: 1", "line 11: routes[0].parameters: url is missing, want a jq expression that gives STRING"},
		{"no jq", `'"https://x.example.com"'`, "'.body |'", `line 12: routes[0].parameters.url: ".body |" is no jq expression`},
		{"empty jq", `'"https://x.example.com"'`, "''", `it is empty, want a jq expression`},
		{"constant of another type", `'"https://x.example.com"'`, "7", `line 12: routes[0].parameters.url: parameter "url": its expression gave a number, want STRING`},
		{"when", "    from:", "    when: '('\n    from:", `line 8: routes[0].when: "(" is no jq expression`},
		{"id", "    from:", "    id: '('\n    from:", "line 8: routes[0].id:"},
		{"label", "    from:", "    labels: {Team: a}\n    from:", "line 8: routes[0].labels: invalid label key"},
		{"label of the receiver's own", "    from:", "    labels: {authpipe-route: a}\n    from:", "authpipe-route is the receiver's own"},
		{"route that is null", "routes:", "routes:\n  -", "line 7: routes[0].path: it is missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(good, c.old, c.with, 1)
			if changed == good {
				t.Fatal("the case changes nothing")
			}
			if _, err := parse(t, changed); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestParseTellsAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := parse(t, `url: ftp://x
projekt: p
routes:
  - path: /a
    from: cron
    pipeline: all
    parameters: {url: '('}
  - path: /a
    from: http
    callers: [a@b.c]
    pipeline: none.yaml
`)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"line 2: field projekt not found", "line 1: url:", "project: invalid project", "location: invalid location", "line 5: routes[0].from:",
		"routes[0].callers:", "line 7: routes[0].parameters.url:", "line 8: routes[1].path: got \"/a\", want another path than that of routes[0]",
		"line 11: routes[1].pipeline:",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in\n%v", want, err)
		}
	}
}

func TestParseReadsOneDocument(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                     "it is empty",
		good + "---\n" + good:  "more than one YAML document",
		"url: [":               "line 1:",
		"[]":                   "cannot unmarshal",
		strings.Repeat("a", 9): "cannot unmarshal",
	} {
		if _, err := parse(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %q", text, err, want)
		}
	}
}

// No file makes the reader fall over, and what it accepts has all that a receiver
// needs.
func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("routes: [null]")
	f.Add("routes: &a [*a]")
	f.Add("routes: [{<<: {path: /x}}]")
	f.Add("a: &a [x, x]\nroutes: [{parameters: *a}]")
	f.Add("routes: [{parameters: {url: '.. | ..'}, when: 1e999, callers: {a: b}}]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse(t, text)
		if err != nil {
			return
		}
		for _, r := range c.Routes {
			if r.Template == nil || len(r.Callers) == 0 || len(r.Audiences) == 0 || r.Name == "" {
				t.Errorf("accepted a route that cannot work: %+v", r)
			}
		}
	})
}
