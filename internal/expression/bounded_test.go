package expression

import (
	"context"
	"runtime"
	"testing"
	"time"
)

func TestTimeIsBounded(t *testing.T) {
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
			name: "of a program", bounds: bounds{patience: time.Millisecond, memory: 1 << 40}, want: "longer than 1ms",
			evaluate: func(ctx context.Context) (any, error) { <-ctx.Done(); return nil, ctx.Err() },
		},
		{
			name: "of a function that nothing stops", bounds: bounds{patience: time.Millisecond, memory: 1 << 40}, want: "longer than 1ms",
			evaluate: func(context.Context) (any, error) { <-stubborn; return nil, nil },
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

// It is alone, and begins with nothing left behind by others, which would count as
// used and be gone in between.
func TestMemoryIsBounded(t *testing.T) {
	runtime.GC()
	ended := make(chan struct{})
	_, err := bounds{patience: time.Hour, memory: 64 << 20}.run(t.Context(), func(ctx context.Context) (any, error) {
		defer close(ended)
		held := make([]byte, 256<<20)
		<-ctx.Done()
		runtime.KeepAlive(held)
		return nil, ctx.Err()
	})
	if !matches(err, "more than 64 MiB") {
		t.Errorf("error = %v, want more than 64 MiB", err)
	}
	<-ended
}
