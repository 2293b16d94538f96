package dispatch

import "time"

// entry is a task that waits.
type entry struct {
	id    string
	at    time.Time
	order int // in which tasks of one time go
	index int // in the heap
}

// waiting is a heap with the next task on top.
type waiting []*entry

func (w waiting) Len() int { return len(w) }

func (w waiting) Less(i, j int) bool {
	if w[i].at.Equal(w[j].at) {
		return w[i].order < w[j].order
	}
	return w[i].at.Before(w[j].at)
}

func (w waiting) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].index, w[j].index = i, j
}

// Push is for container/heap.
func (w *waiting) Push(x any) {
	e := x.(*entry) //nolint:errcheck // Queue pushes nothing else
	e.index = len(*w)
	*w = append(*w, e)
}

// Pop is for container/heap.
func (w *waiting) Pop() any {
	last := len(*w) - 1
	e := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	return e
}
