package pipelines_test

import (
	"strings"
	"testing"

	"github.com/authcall/authcall/pipelines"
)

func TestCompileTellsMistakes(t *testing.T) {
	t.Parallel()
	type P = pipelines.Pipeline
	type S = pipelines.Scope
	inputs := pipelines.Inputs{"url": "http://a"}
	nothing := func(*S) {}

	tests := []struct {
		name  string
		build func(*P)
		want  string
	}{
		{"no tasks", func(*P) {}, `pipeline "x": root.dag.tasks: is empty`},
		{"no component", func(p *P) { p.Task("call", nil, nil).Output("x") }, `task "call": has no component`},
		{"no image", func(p *P) { p.Task("call", &pipelines.Container{}, nil) }, `image: is missing`},
		{"same task twice", func(p *P) { p.Task("call", call(), inputs); p.Task("call", call(), inputs) }, `task "call": there is another task of that name`},
		{"input missing", func(p *P) { p.Task("call", call(), nil) }, `task "call": input "url": got nothing, want STRING`},
		{"artifact missing", func(p *P) { p.Task("read", read(), nil) }, `task "read": input "body": got nothing, want system.Artifact`},
		{"input unknown", func(p *P) { p.Task("call", call(), pipelines.Inputs{"url": "a", "uri": "b"}) },
			`task "call": input "uri": its component has no such input: it has url, seconds, rate, headers`},
		{"output unknown", func(p *P) { p.Output("x", p.Task("call", call(), inputs).Output("x")) },
			`task "call": its component has no output "x": it has status, text, body`},
		{"constant of another type", func(p *P) { p.Task("call", call(), pipelines.Inputs{"url": 5}) },
			`task "call": input "url": got a number, 5, want STRING`},
		{"constant that is no JSON", func(p *P) { p.Task("call", call(), pipelines.Inputs{"url": func() {}}) },
			`task "call": input "url": got func(), which is no JSON value`},
		{"constant for an artifact", func(p *P) { p.Task("read", read(), pipelines.Inputs{"body": "gs://a"}) },
			`task "read": input "body": got a constant, want an artifact of type system.Artifact from another task`},
		{"value of another type", func(p *P) {
			c := p.Task("call", call(), inputs)
			p.Task("next", call(), pipelines.Inputs{"url": c.Output("status")})
		}, `task "next": input "url": output "status" of task "call" is NUMBER_INTEGER, want STRING`},
		{"value for an artifact", func(p *P) {
			c := p.Task("call", call(), inputs)
			p.Task("read", read(), pipelines.Inputs{"body": c.Output("text")})
		}, `input "body": output "text" of task "call" is STRING, want system.Artifact`},
		{"empty value", func(p *P) { p.Task("call", call(), pipelines.Inputs{"url": pipelines.Value{}}) }, `input "url": got an empty value`},
		{"value of another pipeline", func(p *P) {
			p.Task("call", call(), pipelines.Inputs{"url": pipelines.New("y").Parameter(pipelines.Parameter{Name: "url"})})
		}, `input "url": parameter "url" is of another pipeline`},
		{"task of another pipeline", func(p *P) { p.Task("call", call(), inputs).After(pipelines.New("y").Task("z", call(), inputs)) },
			`task "call": cannot wait for task "z" of another pipeline`},
		{"waits for itself", func(p *P) { c := p.Task("call", call(), inputs); c.After(c) }, `task "call": cannot wait for task "call"`},
		{"wait for one another", func(p *P) {
			a, b := p.Task("a", call(), inputs), p.Task("b", call(), inputs)
			a.After(b)
			b.After(a)
		}, `tasks wait for one another: a -> b -> a`},
		{"parameter twice", func(p *P) {
			p.Parameter(pipelines.Parameter{Name: "a"})
			p.Parameter(pipelines.Parameter{Name: "a"})
		}, `parameter "a": is declared twice`},
		{"parameter default of another type", func(p *P) {
			p.Parameter(pipelines.Parameter{Name: "a", Type: pipelines.Integer, Default: "1"})
		}, `parameter "a": default: got the string "1", want NUMBER_INTEGER`},
		{"parameter that is an artifact", func(p *P) { p.Parameter(pipelines.Parameter{Name: "a", Type: pipelines.Model}) },
			`parameter "a": got type system.Model: a pipeline takes values, not artifacts`},
		{"artifact with a default", func(p *P) {
			c := call()
			c.Inputs = append(c.Inputs, pipelines.Parameter{Name: "m", Type: pipelines.Model, Default: "x"})
			p.Task("call", c, inputs)
		}, `task "call": input "m": default: an artifact has none`},
		{"component input twice", func(p *P) { c := call(); c.Inputs = append(c.Inputs, c.Inputs[0]); p.Task("call", c, inputs) }, `task "call": input "url": is declared twice`},
		{"component output twice", func(p *P) { c := call(); c.Outputs = append(c.Outputs, c.Outputs[0]); p.Task("call", c, inputs) }, `task "call": output "status": is declared twice`},
		{"unknown type", func(p *P) { c := call(); c.Outputs[0].Type = "Text"; p.Task("call", c, inputs) }, `unknown type "Text"`},
		{"output twice", func(p *P) {
			c := p.Task("call", call(), inputs)
			p.Output("a", c.Output("text"))
			p.Output("a", c.Output("text"))
		}, `output "a": is declared twice`},
		{"output of nothing", func(p *P) { p.Output("a", pipelines.Value{}) }, `output "a": got an empty value`},
		{"output of a parameter", func(p *P) { p.Output("a", p.Parameter(pipelines.Parameter{Name: "b"})) }, `output "a": got parameter "b", want an output of a task`},
		{"output from a condition", func(p *P) {
			c := p.Task("call", call(), inputs)
			p.If(c.Output("status").Equal(200), func(s *S) { p.Output("a", s.Task("d", call(), inputs).Output("text")) })
		}, `output "a": output "text" of task "d" is inside a condition that this place is not part of: use OneOf`},
		{"input from a condition", func(p *P) {
			c := p.Task("call", call(), inputs)
			var d *pipelines.Task
			p.If(c.Output("status").Equal(200), func(s *S) { d = s.Task("d", call(), inputs) })
			p.Task("e", call(), pipelines.Inputs{"url": d.Output("text")})
		}, `task "e": input "url": output "text" of task "d" is inside a condition`},
		{"input from the other branch", func(p *P) {
			c := p.Task("call", call(), inputs)
			var d *pipelines.Task
			p.If(c.Output("status").Equal(200), func(s *S) { d = s.Task("d", call(), inputs) }).
				Else(func(s *S) { s.Task("e", call(), pipelines.Inputs{"url": d.Output("text")}) })
		}, `task "e": input "url": output "text" of task "d" is inside a condition`},
		{"condition on another type", func(p *P) { p.If(p.Task("call", call(), inputs).Output("status").Equal("200"), nothing) },
			`task "condition-1": condition: output "status" of task "call": got the string "200", want NUMBER_INTEGER`},
		{"condition on two types", func(p *P) {
			c := p.Task("call", call(), inputs)
			p.If(c.Output("status").Equal(c.Output("text")).Not(), nothing)
		}, `output "status" of task "call" is NUMBER_INTEGER, output "text" of task "call" is STRING: want the same type`},
		{"condition on an artifact", func(p *P) { p.If(p.Task("call", call(), inputs).Output("body").Equal("x"), nothing) },
			`output "body" of task "call" is system.Artifact, which cannot be compared`},
		{"condition on nothing", func(p *P) { p.If(pipelines.Value{}.Equal(1), nothing) }, `condition: got an empty value`},
		{"mistake in the second half of a condition", func(p *P) {
			c := p.Task("call", call(), inputs)
			p.If(c.Output("status").Equal(200).And(c.Output("text").Less(1)), nothing)
		}, `output "text" of task "call": got a number, 1, want STRING`},
		{"empty body", func(p *P) { p.If(p.Task("call", call(), inputs).Output("status").Equal(200), nothing) },
			`components["comp-condition-1"].dag.tasks: is empty`},
		{"Elif after Else", func(p *P) {
			status := p.Task("call", call(), inputs).Output("status")
			p.If(status.Equal(1), nothing).Else(nothing).Elif(status.Equal(2), nothing)
		}, `condition "condition-1": there is an Else before it`},
		{"OneOf without Else", func(p *P) {
			c := p.Task("call", call(), inputs)
			var d *pipelines.Task
			p.If(c.Output("status").Equal(1), func(s *S) { d = s.Task("d", call(), inputs) }).OneOf(d.Output("text"))
		}, `one of the values of condition-1: got 1 values, want one for each branch and an Else`},
		{"OneOf with a stranger", func(p *P) {
			c := p.Task("call", call(), inputs)
			var d *pipelines.Task
			p.If(c.Output("status").Equal(1), func(s *S) { d = s.Task("d", call(), inputs) }).
				Else(func(s *S) { s.Task("e", call(), inputs) }).OneOf(d.Output("text"), c.Output("text"))
		}, `value 2 is not from branch 2`},
		{"OneOf of two types", func(p *P) {
			c := p.Task("call", call(), inputs)
			var d, e *pipelines.Task
			p.If(c.Output("status").Equal(1), func(s *S) { d = s.Task("d", call(), inputs) }).
				Else(func(s *S) { e = s.Task("e", call(), inputs) }).OneOf(d.Output("text"), e.Output("status"))
		}, `value 2 is NUMBER_INTEGER, the first is STRING`},
		{"odd quantity", func(p *P) { p.Task("call", call(), inputs).Resources.Memory = "512 MB" },
			`task "call": memory: got "512 MB", want a quantity such as 2, 500m or 512Mi`},
		{"bad pipeline name", func(p *P) { *p = *pipelines.New("A b"); p.Task("call", call(), inputs) }, `pipelineInfo.name: got "A b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := pipelines.New("x")
			tt.build(p)
			spec, err := p.Compile()
			if spec != nil || err == nil {
				t.Fatalf("got %v and error %v, want an error", spec, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error\n%v\nwant it to say\n%s", err, tt.want)
			}
		})
	}
}

func TestCompileTellsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	p := pipelines.New("x")
	p.Task("a", call(), nil)
	p.Task("b", call(), pipelines.Inputs{"url": 1, "seconds": "x"})
	_, err := p.Compile()
	for _, want := range []string{`task "a": input "url"`, `task "b": input "url"`, `task "b": input "seconds"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error\n%v\nwant it to say\n%s", err, want)
		}
	}
}
