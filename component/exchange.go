package component

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/expression"
)

// exchanger sends requests with all that a run's requests have in common.
type exchanger struct {
	client *call.Client
	header http.Header
}

// exchange is one answer whose whole body is at hand.
type exchange struct {
	answer *call.Answer
	body   []byte
}

func (e exchange) seen() expression.Answer {
	return expression.Answer{Status: e.answer.Status, Header: e.answer.Header, Body: e.body}
}

// first is the request that the config describes.
func (c *Caller) first(x *exchanger) (*http.Request, error) {
	r, err := x.request(c.config.Method, c.target)
	if err != nil {
		return nil, err
	}
	if key := c.config.IdempotencyKey; key != "" {
		r.Header.Set(idempotencyKey, key)
	}
	if len(c.body.pieces) == 0 {
		return r, nil
	}
	r.ContentLength = c.body.length()
	r.GetBody = c.body.open
	if r.Body, err = c.body.open(); err != nil {
		return nil, inputError(err)
	}
	if r.ContentLength == 0 {
		// net/http takes a length of 0 with a body for one that is not known.
		r.Body, r.GetBody = http.NoBody, nil
	}
	r.Header.Set("Content-Type", c.body.contentType)
	return r, nil
}

// again is a later request of the same run, without a body. It is another request
// than the first, which the key names.
func (c *Caller) again(x *exchanger, target *url.URL) (*http.Request, error) {
	r, err := x.request(http.MethodGet, target)
	if err == nil {
		r.Header.Del(idempotencyKey)
	}
	return r, err
}

func (x *exchanger) request(method string, target *url.URL) (*http.Request, error) {
	r, err := http.NewRequest(method, target.String(), http.NoBody) //nolint:noctx // the call gives each attempt its context
	if err != nil {
		return nil, err
	}
	r.Header = x.header.Clone()
	return r, nil
}

// stream is a call of one exchange: the body goes to its receiver as it comes.
func (c *Caller) stream(ctx context.Context, x *exchanger, to call.Receiver) (*Outcome, error) {
	request, err := c.first(x)
	if err != nil {
		return nil, err
	}
	sink := call.NewSink(to, c.sinkOptions())
	answer, err := x.client.Do(ctx, request, sink)
	if err != nil {
		return nil, err
	}
	head, whole := sink.Head()
	if c.expressions.seeBody() && !whole {
		return nil, c.unfit(ctx, answer, tooLongToSee(answer.Bytes))
	}
	return c.judge(ctx, exchange{answer: answer, body: head})
}

func (c *Caller) sinkOptions() call.SinkOptions {
	o := call.SinkOptions{Keep: responseTextBytes, Limit: int64(c.config.MaxResponseBytes)}
	if c.expressions.seeBody() {
		o.Keep = expressionBytes
	}
	return o
}

// fetch makes one exchange with the body kept in memory, for expressions that
// decide what comes next.
func (c *Caller) fetch(ctx context.Context, x *exchanger, request *http.Request) (exchange, error) {
	sink := call.NewSink(call.Receiver{Body: io.Discard}, call.SinkOptions{Keep: expressionBytes, Limit: int64(c.config.MaxResponseBytes)})
	answer, err := x.client.Do(ctx, request, sink)
	if err != nil {
		return exchange{}, err
	}
	body, whole := sink.Head()
	if !whole {
		return exchange{}, c.unfit(ctx, answer, tooLongToSee(answer.Bytes))
	}
	return exchange{answer: answer, body: body}, nil
}

// deliver hands a kept body on to a receiver.
func (e exchange) deliver(to call.Receiver) error {
	if err := e.begin(to); err != nil {
		return err
	}
	_, err := to.Body.Write(e.body)
	return err
}

// begin tells a receiver of the answer.
func (e exchange) begin(to call.Receiver) error {
	if to.Begin == nil {
		return nil
	}
	return to.Begin(fmt.Sprintf("%s %d %s", e.answer.Proto, e.answer.Status, http.StatusText(e.answer.Status)), e.answer.Header)
}
