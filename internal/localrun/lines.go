package localrun

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// maxLine is how much of a line is kept, in bytes; what is longer is cut.
const maxLine = 64 << 10

// lineWriter passes what is written to it on line by line.
type lineWriter struct {
	emit func(line []byte)

	mu   sync.Mutex
	rest []byte
}

func (w *lineWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(data)
	for {
		line, after, ended := bytes.Cut(data, []byte("\n"))
		w.rest = append(w.rest, line[:min(len(line), maxLine-len(w.rest))]...)
		if !ended {
			return n, nil
		}
		w.emit(w.rest)
		w.rest, data = w.rest[:0], after
	}
}

// flush passes on a last line that has no end.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) > 0 {
		w.emit(w.rest)
		w.rest = nil
	}
}

// lineSink takes the lines of several steps without mixing them up.
type lineSink struct {
	out io.Writer
	mu  sync.Mutex
}

// prefixed gives a writer that puts a task's path before each line.
func (s *lineSink) prefixed(path string) *lineWriter {
	return &lineWriter{emit: func(line []byte) {
		if s.out == nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		// A reader that has gone away is no reason for the step to fail: the
		// log has everything.
		_, _ = fmt.Fprintf(s.out, "[%s] %s\n", path, line)
	}}
}

// lastLine remembers the last line that is not blank.
type lastLine struct {
	lineWriter
	line string
}

func newLastLine() *lastLine {
	l := new(lastLine)
	l.emit = func(line []byte) {
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
			l.line = string(trimmed)
		}
	}
	return l
}

func (l *lastLine) text() string {
	l.flush()
	return l.line
}
