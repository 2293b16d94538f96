package component

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/expression"
)

// pages walks from page to page, and writes each page's JSON as one line. A
// page that is no success ends the walk as its outcome.
func (c *Caller) pages(ctx context.Context, x *exchanger, to call.Receiver) (*Outcome, error) {
	start := time.Now()
	lines := call.NewSink(to, call.SinkOptions{Keep: responseTextBytes, Limit: int64(c.config.MaxResponseBytes)})
	page, err := c.firstPage(ctx, x)
	if err == nil {
		err = page.begin(to)
	}
	visited := map[string]bool{c.target.String(): true}
	for err == nil {
		var outcome *Outcome
		if outcome, err = c.judge(ctx, page); err != nil {
			break
		}
		var request *http.Request
		if outcome.Success {
			request, err = c.turn(ctx, x, page, lines, visited)
		}
		if err == nil && request == nil {
			outcome.of(lines, time.Since(start))
			return outcome, nil
		}
		if err == nil {
			page, err = c.fetch(ctx, x, request)
		}
	}
	return nil, err
}

// turn writes a page and gives the request for the one after it, nil after the
// last.
func (c *Caller) turn(ctx context.Context, x *exchanger, page exchange, lines *call.Sink, visited map[string]bool) (*http.Request, error) {
	n := len(visited)
	line, err := lineOf(page.body)
	if err != nil {
		return nil, c.unfit(ctx, page.answer, fmt.Errorf("page %d: %w", n, err))
	}
	if _, err := lines.Write(line); err != nil {
		return nil, call.Unstored(page.answer, err)
	}
	next, err := c.nextPage(ctx, page, visited)
	if err != nil {
		return nil, c.unfit(ctx, page.answer, fmt.Errorf("page %d: %w", n, err))
	}
	if next == nil {
		return nil, nil
	}
	return c.again(x, next)
}

// firstPage is what the call answers, or the operation that it begins.
func (c *Caller) firstPage(ctx context.Context, x *exchanger) (exchange, error) {
	if !c.expressions.pollUntil.IsEmpty() {
		return c.poll(ctx, x)
	}
	request, err := c.first(x)
	if err != nil {
		return exchange{}, err
	}
	return c.fetch(ctx, x, request)
}

// nextPage is the URL of the page after this one, nil after the last.
func (c *Caller) nextPage(ctx context.Context, page exchange, visited map[string]bool) (*url.URL, error) {
	value, err := c.expressions.nextPage.Evaluate(ctx, page.seen())
	if err != nil {
		return nil, fmt.Errorf("next_page: %w", err)
	}
	reference, isText := value.(string)
	switch {
	case value == nil, isText && reference == "":
		return nil, nil
	case !isText:
		return nil, fmt.Errorf("next_page gives a %s, want a URL or null", expression.Type(value))
	}
	next, err := sameOrigin(page.answer.URL, reference)
	if err != nil {
		return nil, fmt.Errorf("next_page: %w", err)
	}
	if visited[next.String()] {
		return nil, fmt.Errorf("next_page leads back to %s, so the walk would not end", call.Bare(next))
	}
	visited[next.String()] = true
	return next, nil
}

// lineOf is a page's JSON without its line breaks.
func lineOf(page []byte) ([]byte, error) {
	var line bytes.Buffer
	if err := json.Compact(&line, page); err != nil {
		return nil, errors.New("the body is not JSON")
	}
	line.WriteByte('\n')
	return line.Bytes(), nil
}

// of makes an outcome stand for all pages that were written.
func (o *Outcome) of(lines *call.Sink, elapsed time.Duration) {
	o.Answer.Bytes, o.Answer.SHA256, o.Answer.Elapsed = lines.Bytes(), lines.SHA256(), elapsed
}
