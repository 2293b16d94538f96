package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

type requestsKey struct{}

// requestBox holds the log of the script's local Google between its commands.
type requestBox struct{ log *requestLog }

// requestLog keeps the local Google's log, a line of JSON a request.
type requestLog struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

// Write takes one line.
func (l *requestLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(line)
}

// take returns the paths of the requests since the last time.
func (l *requestLog) take(ts *testscript.TestScript) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var paths []string
	for line := range strings.Lines(l.lines.String()) {
		var request struct{ Path string }
		ts.Check(json.Unmarshal([]byte(line), &request))
		if request.Path != "" {
			paths = append(paths, request.Path)
		}
	}
	l.lines.Reset()
	return paths
}

// asked is the script command `asked [REGEXP COUNT]...`: since the last `asked`,
// so many requests to the local Google had a path that matches.
func asked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args)%2 != 0 {
		ts.Fatalf("usage: asked [REGEXP COUNT]...")
	}
	paths := ts.Value(requestsKey{}).(*requestBox).log.take(ts)
	for i := 0; i < len(args); i += 2 {
		pattern, err := regexp.Compile(args[i])
		ts.Check(err)
		got := 0
		for _, path := range paths {
			if pattern.MatchString(path) {
				got++
			}
		}
		if strconv.Itoa(got) != args[i+1] {
			ts.Fatalf("%d requests match %s, want %s; all were\n%s", got, args[i], args[i+1], strings.Join(paths, "\n"))
		}
	}
}

// arrives is the script command `arrives PATH`: it waits until the local Google has
// answered a request for the path, a regular expression, as one that a sender makes in its own time.
func arrives(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: arrives REGEXP")
	}
	pattern, err := regexp.Compile(`"path":"` + args[0] + `"`)
	ts.Check(err)
	log := ts.Value(requestsKey{}).(*requestBox).log
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !log.matches(pattern) {
		select {
		case <-ctx.Done():
			ts.Fatalf("no request matches %s: %v", args[0], ctx.Err())
		case <-tick.C:
		}
	}
}

func (l *requestLog) matches(pattern *regexp.Regexp) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return pattern.Match(l.lines.Bytes())
}
