package pipelines

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Value refers to something that is known only when the pipeline runs: a
// parameter of the pipeline or an output of a task.
type Value struct {
	pipeline *Pipeline
	typ      Type
	// parameter is set for a pipeline's parameter, step and output for an
	// output.
	parameter string
	step      *step
	output    string
	// invalid marks a reference to nothing, which has been told already.
	invalid bool
}

var errEmpty = errors.New("got an empty value")

// usableIn says whether the value belongs to a pipeline.
func (v Value) usableIn(p *Pipeline) error {
	switch v.pipeline {
	case p:
		return nil
	case nil:
		return errEmpty
	default:
		return fmt.Errorf("%s is of another pipeline", v)
	}
}

// channelPrefix begins the names of inputs that carry a value into a scope, as
// KFP's own compiler names them.
const channelPrefix = "pipelinechannel--"

// channel is the name under which the value enters a scope that is not its own.
func (v Value) channel() string {
	if v.step == nil {
		return channelPrefix + v.parameter
	}
	if strings.HasPrefix(v.output, channelPrefix) {
		return v.output
	}
	return channelPrefix + v.step.name + "-" + v.output
}

func (v Value) String() string {
	if v.step == nil {
		return fmt.Sprintf("parameter %q", v.parameter)
	}
	return fmt.Sprintf("output %q of task %q", v.output, v.step.name)
}

// constant turns a Go value into a JSON value.
func constant(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("got %T, which is no JSON value: %w", v, err)
	}
	var out any
	err = json.Unmarshal(data, &out)
	return out, err
}
