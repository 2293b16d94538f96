package localrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"

	"github.com/authcall/authcall/internal/pipelinespec"
)

// loopBody runs another body once for each item of a list.
type loopBody struct {
	body
	task *pipelinespec.Task
}

func (b loopBody) perform(ctx context.Context, u *unit) (Values, error) {
	items, err := b.items(u)
	if err != nil {
		return Values{}, err
	}
	limit := len(items)
	if p := b.task.IteratorPolicy; p != nil && p.ParallelismLimit > 0 {
		limit = p.ParallelismLimit
	}
	iterations := make([]*unit, len(items))
	errs := make([]error, len(items))
	for i := range items {
		iterations[i] = b.iteration(u, i)
	}
	slots := make(chan struct{}, limit)
	var all sync.WaitGroup
	for i, item := range items {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			errs[i] = b.iterate(ctx, iterations[i], item)
		})
	}
	all.Wait()
	return collect(u, iterations), errors.Join(errs...)
}

func (b loopBody) items(u *unit) ([]any, error) {
	from := b.task.ParameterIterator.Items
	var value any = from.Raw
	if from.Raw == "" {
		value = u.inputs.Parameters[from.InputParameter]
	}
	if text, ok := value.(string); ok {
		var items []any
		if err := json.Unmarshal([]byte(text), &items); err != nil {
			return nil, fmt.Errorf("loop items: got text that is no JSON array: %w", err)
		}
		return items, nil
	}
	items, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("loop items: got %T, want a list", value)
	}
	return items, nil
}

// iteration is the task of one item.
func (b loopBody) iteration(u *unit, i int) *unit {
	name := u.record.task.Name + "-" + strconv.Itoa(i)
	return &unit{
		run:       u.run,
		record:    u.tracker.add(u.record, name, name),
		component: u.component,
		path:      u.child(strconv.Itoa(i)),
		exit:      u.exit,
		inputs:    Values{Parameters: maps.Clone(u.inputs.Parameters), Artifacts: u.inputs.Artifacts},
	}
}

func (b loopBody) iterate(ctx context.Context, u *unit, item any) error {
	if ctx.Err() != nil {
		u.record.end(Cancelled, Values{}, context.Cause(ctx))
		return context.Cause(ctx)
	}
	u.inputs.Parameters[b.task.ParameterIterator.ItemInput] = item
	if err := u.fill(&u.inputs); err != nil {
		u.record.end(Failed, Values{}, err)
		return u.named(err)
	}
	return u.named(u.perform(ctx, b.body))
}

// collect makes lists of what the iterations have put out, in the order of the
// items.
func collect(u *unit, iterations []*unit) Values {
	out := Values{Parameters: map[string]any{}, Artifacts: map[string][]Artifact{}}
	for name := range u.component.OutputParameters() {
		values := []any{}
		for _, it := range iterations {
			if value, ok := it.record.task.Outputs.Parameters[name]; ok {
				values = append(values, value)
			}
		}
		out.Parameters[name] = values
	}
	for name := range u.component.OutputArtifacts() {
		for _, it := range iterations {
			out.Artifacts[name] = append(out.Artifacts[name], it.record.task.Outputs.Artifacts[name]...)
		}
	}
	return out
}
