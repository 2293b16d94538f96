package trigger

import "sync"

// tracker knows what is under way, so that the end can wait for it.
type tracker struct {
	mu       sync.Mutex
	active   int
	draining bool
	idle     chan struct{} // closed once nothing is under way and nothing may begin
}

// begin is false once the end has begun.
func (t *tracker) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.draining {
		return false
	}
	t.active++
	return true
}

// hold adds to what is under way while something else is.
func (t *tracker) hold() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active++
}

func (t *tracker) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active--
	if t.draining && t.active == 0 {
		close(t.idle)
	}
}

// drain begins the end; the channel is closed when nothing is under way.
func (t *tracker) drain() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.draining {
		t.draining, t.idle = true, make(chan struct{})
		if t.active == 0 {
			close(t.idle)
		}
	}
	return t.idle
}

func (t *tracker) isDraining() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.draining
}
