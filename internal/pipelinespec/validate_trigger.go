package pipelinespec

import (
	"regexp"
	"sync"
)

var conditionInput = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`inputs\.parameter_values\[(?:'([^']*)'|"([^"]*)")\]`)
})

func (v *validator) trigger(at place, s scope) {
	policy := s.task.TriggerPolicy
	if policy == nil {
		return
	}
	switch policy.Strategy {
	case "", "TRIGGER_STRATEGY_UNSPECIFIED", AllUpstreamTasksSucceeded, AllUpstreamTasksCompleted:
	default:
		v.add(at.field("strategy"), "unknown strategy %q", policy.Strategy)
	}
	for _, match := range conditionInput().FindAllStringSubmatch(policy.Condition, -1) {
		name := match[1] + match[2]
		if s.task.ParameterSources()[name] == nil && s.component.InputParameters()[name] == nil {
			v.add(at.field("condition"), "the task has no input parameter %q", name)
		}
	}
}
