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
)

// pages walks from page to page, and writes each page's JSON as one line. A
// page that is no success ends the walk as its outcome.
func (c *Caller) pages(ctx context.Context, x *exchanger, to call.Receiver) (*Outcome, error) {
	start := time.Now()
	lines := call.NewSink(to, call.SinkOptions{Keep: responseTextBytes, Limit: int64(c.config.MaxResponseBytes)})
	page, err := c.firstPage(ctx, x)
	visited := map[string]bool{c.target.String(): true}
	for n := 1; err == nil; n++ {
		outcome, judgeErr := c.judge(ctx, page)
		if judgeErr != nil || !outcome.Success {
			return outcome, judgeErr
		}
		if err := writeLine(lines, page.body); err != nil {
			return nil, fmt.Errorf("page %d: %w", n, err)
		}
		next, nextErr := c.nextPage(ctx, page, visited)
		if nextErr != nil {
			return nil, nextErr
		}
		if next == nil {
			outcome.of(lines, time.Since(start))
			outcome.Text = c.redact(outcome.Text)
			return outcome, nil
		}
		var request *http.Request
		if request, err = c.again(x, next); err == nil {
			page, err = c.fetch(ctx, x, request)
		}
	}
	return nil, err
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
		return nil, fmt.Errorf("next_page gives a %T, want a URL or null", value)
	}
	next, err := sameOrigin(page.answer.URL, reference)
	if err != nil {
		return nil, fmt.Errorf("next_page: %w", err)
	}
	if visited[next.String()] {
		return nil, fmt.Errorf("next_page leads back to %s, so the walk would not end", bareURL(next))
	}
	visited[next.String()] = true
	return next, nil
}

// writeLine writes a page's JSON without its line breaks.
func writeLine(to *call.Sink, page []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, page); err != nil {
		return errors.New("the body is not JSON")
	}
	line.WriteByte('\n')
	_, err := to.Write(line.Bytes())
	return err
}

// of makes an outcome stand for all pages.
func (o *Outcome) of(lines *call.Sink, elapsed time.Duration) {
	o.head, _ = lines.Head()
	o.Text = textOf(o.head)
	o.Answer.Bytes, o.Answer.SHA256, o.Answer.Elapsed = lines.Bytes(), lines.SHA256(), elapsed
}
