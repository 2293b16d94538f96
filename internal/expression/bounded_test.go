package expression

import (
	"context"
	"testing"
	"time"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	stubborn := make(chan struct{})
	t.Cleanup(func() { close(stubborn) })
	cases := []struct {
		name     string
		bounds   bounds
		evaluate func(context.Context) (any, error)
		want     string
	}{
		{
			name: "time, of a program", bounds: bounds{patience: time.Millisecond, memory: 1 << 40}, want: "longer than 1ms",
			evaluate: func(ctx context.Context) (any, error) { <-ctx.Done(); return nil, ctx.Err() },
		},
		{
			name: "time, of a function that nothing stops", bounds: bounds{patience: time.Millisecond, memory: 1 << 40}, want: "longer than 1ms",
			evaluate: func(context.Context) (any, error) { <-stubborn; return nil, nil },
		},
		{
			name: "memory", bounds: bounds{patience: time.Hour, memory: 64 << 20}, want: "more than 64 MiB",
			evaluate: func(ctx context.Context) (any, error) {
				held := make([]byte, 256<<20)
				<-ctx.Done()
				return len(held), ctx.Err()
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := c.bounds.run(t.Context(), c.evaluate); !matches(err, c.want) {
				t.Errorf("error = %v, want %q", err, c.want)
			}
		})
	}
}
