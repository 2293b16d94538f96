package pipelinespec

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// CachingOptions say whether the outputs of an earlier equal task may be used
// instead of running the task.
type CachingOptions struct {
	EnableCache bool   `json:"enableCache"`
	CacheKey    string `json:"cacheKey,omitempty"`
}

// Strategies of a TriggerPolicy.
const (
	// AllUpstreamTasksSucceeded is what an empty strategy means.
	AllUpstreamTasksSucceeded = "ALL_UPSTREAM_TASKS_SUCCEEDED"
	// AllUpstreamTasksCompleted lets a task run after failed ones.
	AllUpstreamTasksCompleted = "ALL_UPSTREAM_TASKS_COMPLETED"
)

// TriggerPolicy says when a task runs at all.
type TriggerPolicy struct {
	// Condition is a CEL expression over inputs.parameter_values.
	Condition string `json:"condition,omitempty"`
	Strategy  string `json:"strategy,omitempty"`
}

// RetryPolicy says how often a failed task is tried again.
type RetryPolicy struct {
	MaxRetryCount      int      `json:"maxRetryCount,omitempty"`
	BackoffDuration    Duration `json:"backoffDuration,omitempty"`
	BackoffFactor      float64  `json:"backoffFactor,omitempty"`
	BackoffMaxDuration Duration `json:"backoffMaxDuration,omitempty"`
}

// ParameterIterator runs the task's component once for each item of a list.
type ParameterIterator struct {
	Items ParameterItems `json:"items"`
	// ItemInput is the component's input that takes the item.
	ItemInput string `json:"itemInput,omitempty"`
}

// ParameterItems is a list; one field is set.
type ParameterItems struct {
	// Raw is a JSON array as text.
	Raw string `json:"raw,omitempty"`
	// InputParameter is an input of the task.
	InputParameter string `json:"inputParameter,omitempty"`
}

// ArtifactIterator runs the task's component once for each artifact of a list.
type ArtifactIterator struct {
	Items     ArtifactItems `json:"items"`
	ItemInput string        `json:"itemInput,omitempty"`
}

// ArtifactItems names the task's input that is a list of artifacts.
type ArtifactItems struct {
	InputArtifact string `json:"inputArtifact,omitempty"`
}

// IteratorPolicy bounds how many iterations run at once; zero means no bound.
type IteratorPolicy struct {
	ParallelismLimit int `json:"parallelismLimit,omitempty"`
}

// Duration is a time span that is written as protobuf's JSON writes it: seconds
// with the suffix s, such as "1.5s".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(strconv.FormatFloat(time.Duration(d).Seconds(), 'f', -1, 64) + "s"), nil
}

// maxSeconds is the longest time span that a Duration holds, about 292 years.
const maxSeconds = float64(1<<63-1) / float64(time.Second)

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(string(text), "s")
	seconds, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(seconds > -maxSeconds && seconds < maxSeconds) {
		return fmt.Errorf(`%q is no duration, want seconds such as "30s"`, text)
	}
	*d = Duration(seconds * float64(time.Second))
	return nil
}
