package pipelines

import "fmt"

// Branches is an If with what follows it: at most one of its bodies runs.
type Branches struct {
	scope *Scope
	arms  []*step
	// otherwise holds where no arm so far does.
	otherwise Condition
	// wrapper is the group around the arms, once there are several.
	wrapper *step
	closed  bool
}

// Elif adds tasks that run where no condition before holds and this one does.
func (b *Branches) Elif(when Condition, body func(*Scope)) *Branches {
	b.wrap()
	b.arm(when, body)
	return b
}

// Else adds tasks that run where no condition before holds.
func (b *Branches) Else(body func(*Scope)) *Branches {
	b.wrap()
	b.arm(Condition{}, body)
	b.closed = true
	return b
}

// OneOf is the one of the values, each from another branch, whose branch has
// run. There has to be an Else, so that there is always one.
func (b *Branches) OneOf(values ...Value) Value {
	fail := func(format string, args ...any) Value {
		b.scope.pipeline.fail("one of the values of %s: %w", b.arms[0].name, fmt.Errorf(format, args...))
		return Value{invalid: true}
	}
	if !b.closed || len(values) != len(b.arms) {
		return fail("got %d values, want one for each branch and an Else", len(values))
	}
	for i, v := range values {
		switch {
		case v.invalid:
			return v
		case v.usableIn(b.scope.pipeline) != nil || v.step == nil || b.wrapper.body.within(v.step) != b.arms[i]:
			return fail("value %d is not from branch %d", i+1, i+1)
		case v.typ != values[0].typ:
			return fail("value %d is %s, the first is %s", i+1, v.typ, values[0].typ)
		}
	}
	name := fmt.Sprintf("%s%s-oneof-%d", channelPrefix, b.wrapper.name, len(b.wrapper.exports)+1)
	b.wrapper.exports = append(b.wrapper.exports, export{name: name, from: values})
	return Value{pipeline: b.scope.pipeline, typ: values[0].typ, step: b.wrapper, output: name}
}

func (b *Branches) arm(when Condition, body func(*Scope)) {
	if b.closed {
		b.scope.pipeline.fail("condition %q: there is an Else before it", b.arms[0].name)
	}
	scope := b.scope
	if b.wrapper != nil {
		scope = b.wrapper.body
	}
	arm := scope.group("condition")
	arm.when = b.otherwise.And(when)
	b.arms = append(b.arms, arm)
	b.otherwise = b.otherwise.And(when.Not())
	body(arm.body)
}

// wrap moves the first arm into a group of its own, which a single If does
// without.
func (b *Branches) wrap() {
	if b.wrapper != nil {
		return
	}
	first := b.arms[0]
	b.wrapper = b.scope.group("condition-branches")
	b.scope.remove(first)
	first.scope = b.wrapper.body
	b.wrapper.body.steps = []*step{first}
}
