package expression

import (
	"context"
	"fmt"
	"runtime/metrics"
	"time"
)

// glance is the time between two looks at the memory.
const glance = 10 * time.Millisecond

// bounds are what one evaluation may take: a jq program can loop for ever, and can
// double a text forty times.
type bounds struct {
	patience time.Duration
	memory   uint64
}

func defaultBounds() bounds { return bounds{patience: 10 * time.Second, memory: 1 << 30} }

// run makes an evaluation that ends with its context. One that does not, for single
// functions of jq cannot be stopped, is left behind.
func (b bounds) run(ctx context.Context, evaluate func(context.Context) (any, error)) (any, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, b.patience, fmt.Errorf("it takes longer than %v", b.patience))
	defer cancel()
	type result struct {
		value any
		err   error
	}
	done := make(chan result, 1)
	before := used()
	go func() {
		value, err := evaluate(ctx)
		done <- result{value, err}
	}()
	look := time.NewTicker(glance)
	defer look.Stop()
	for {
		select {
		case r := <-done:
			if ctx.Err() != nil {
				r.err = context.Cause(ctx)
			}
			return r.value, r.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-look.C:
			if now := used(); now > before+b.memory {
				return nil, fmt.Errorf("it takes more than %d MiB of memory", b.memory>>20)
			}
		}
	}
}

// used is the memory that objects take, in bytes.
func used() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
