package pipelines_test

import (
	"testing"
	"time"

	"github.com/authcall/authcall/pipelines"
)

// call is a component with one of each kind of output.
func call() *pipelines.Container {
	return &pipelines.Container{
		Image:   "example.test/call:1",
		Command: []string{"/call"},
		Args:    []string{"--executor_input", "{{$}}"},
		Env:     map[string]string{"MODE": "y", "LEVEL": "2"},
		Inputs: []pipelines.Parameter{
			{Name: "url", Description: "Where to call."},
			{Name: "seconds", Default: 300},
			{Name: "rate", Type: pipelines.Double, Optional: true},
			{Name: "headers", Default: map[string]string{}},
		},
		Outputs: []pipelines.Parameter{
			{Name: "status", Type: pipelines.Integer},
			{Name: "text"},
			{Name: "body", Type: pipelines.Artifact},
		},
	}
}

// read is a component that takes an artifact.
func read() *pipelines.Container {
	return &pipelines.Container{
		Image:   "example.test/read:1",
		Command: []string{"/read"},
		Args:    []string{"--executor_input", "{{$}}"},
		Inputs: []pipelines.Parameter{
			{Name: "body", Type: pipelines.Artifact},
			{Name: "note", Optional: true},
			{Name: "words", Type: pipelines.List, Optional: true},
		},
		Outputs: []pipelines.Parameter{{Name: "table", Type: pipelines.Dataset}},
	}
}

func TestCompile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		build func(*pipelines.Pipeline)
	}{
		{"one", func(p *pipelines.Pipeline) {
			p.DisplayName, p.Description, p.Root = "One call", "Calls once.", "gs://bucket/root"
			url := p.Parameter(pipelines.Parameter{Name: "url", Description: "Where to call."})
			seconds := p.Parameter(pipelines.Parameter{Name: "seconds", Default: 60})
			c := p.Task("call", call(), pipelines.Inputs{"url": url, "seconds": seconds, "headers": map[string]string{"A": "b"}})
			c.DisplayName = "Call the service"
			c.Cache = true
			c.Retry = &pipelines.Retry{Max: 2, Backoff: 30 * time.Second, MaxBackoff: time.Hour}
			c.Resources = pipelines.Resources{CPU: "500m", Memory: "512Mi", CPURequest: "0.25", MemoryRequest: "1G"}
			p.Output("status", c.Output("status"))
			p.Output("body", c.Output("body"))
		}},
		{"chain", func(p *pipelines.Pipeline) {
			first := p.Task("first", call(), pipelines.Inputs{"url": "http://a", "rate": 2})
			second := p.Task("second", call(), pipelines.Inputs{"url": first.Output("text"), "rate": first.Output("status")})
			p.Task("read", read(), pipelines.Inputs{"body": first.Output("body"), "words": []string{"x", "on"}}).After(second)
		}},
		{"condition", func(p *pipelines.Pipeline) {
			url := p.Parameter(pipelines.Parameter{Name: "url"})
			c := p.Task("call", call(), pipelines.Inputs{"url": url})
			p.If(c.Output("status").Equal(200).And(c.Output("text").NotEqual("it's \"x\"\n")), func(s *pipelines.Scope) {
				r := s.Task("read", read(), pipelines.Inputs{"body": c.Output("body"), "note": url})
				s.If(url.Equal("http://a"), func(s *pipelines.Scope) {
					s.Task("read-again", read(), pipelines.Inputs{"body": r.Output("table"), "note": c.Output("text")})
				})
			})
		}},
		{"branches", func(p *pipelines.Pipeline) {
			limit := p.Parameter(pipelines.Parameter{Name: "limit", Default: 0.5})
			dry := p.Parameter(pipelines.Parameter{Name: "dry", Default: false})
			c := p.Task("call", call(), pipelines.Inputs{"url": "http://a"})
			var ok, slow, other *pipelines.Task
			b := p.If(c.Output("status").Less(300), func(s *pipelines.Scope) {
				ok = s.Task("ok", call(), pipelines.Inputs{"url": c.Output("text")})
			}).Elif(limit.Greater(2).And(dry.Equal(true).Not()), func(s *pipelines.Scope) {
				slow = s.Task("slow", call(), pipelines.Inputs{"url": "http://b"})
			}).Else(func(s *pipelines.Scope) {
				other = s.Task("other", call(), pipelines.Inputs{"url": "http://c"})
			})
			text := b.OneOf(ok.Output("text"), slow.Output("text"), other.Output("text"))
			body := b.OneOf(ok.Output("body"), slow.Output("body"), other.Output("body"))
			p.Task("read", read(), pipelines.Inputs{"note": text, "body": body})
			p.If(text.Equal("done"), func(s *pipelines.Scope) {
				s.Task("last", call(), pipelines.Inputs{"url": text})
			})
			p.Output("text", text)
		}},
		{"order", func(p *pipelines.Pipeline) {
			first := p.Task("first", call(), pipelines.Inputs{"url": "http://a"})
			var inner *pipelines.Task
			p.If(first.Output("status").Equal(200), func(s *pipelines.Scope) {
				inner = s.Task("inner", call(), pipelines.Inputs{"url": "http://b"})
			})
			beside := p.Task("beside", call(), pipelines.Inputs{"url": "http://c"})
			p.Task("last", call(), pipelines.Inputs{"url": "http://d"}).After(inner)
			inner.After(beside)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := pipelines.New(tt.name)
			tt.build(p)
			spec, err := p.Compile()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, spec)
		})
	}
}

func TestCompileTwiceGivesTheSame(t *testing.T) {
	t.Parallel()
	p := pipelines.New("twice")
	c := p.Task("call", call(), pipelines.Inputs{"url": "http://a"})
	p.If(c.Output("status").Equal(200), func(s *pipelines.Scope) {
		s.Task("read", read(), pipelines.Inputs{"body": c.Output("body")})
	})
	var texts [2]string
	for i := range texts {
		spec, err := p.Compile()
		if err != nil {
			t.Fatal(err)
		}
		text, err := spec.YAML()
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	if texts[0] != texts[1] {
		t.Errorf("first\n%s\nsecond\n%s", texts[0], texts[1])
	}
}
