package component

import (
	"context"
	"fmt"

	"github.com/authcall/authcall/internal/call"
	"github.com/authcall/authcall/internal/diagnose"
	"github.com/authcall/authcall/internal/expression"
)

// judge makes an Outcome of an answer.
func (c *Caller) judge(ctx context.Context, answer *call.Answer, sink *call.Sink) (*Outcome, error) {
	head, whole := sink.Head()
	o := &Outcome{Answer: answer, Success: answer.Status >= 200 && answer.Status <= 299, Text: textOf(head), head: head}
	o.Caller = c.caller(ctx)
	seen := expression.Answer{Status: answer.Status, Header: answer.Header, Body: head}
	if !c.success.IsEmpty() || !c.result.IsEmpty() {
		if !whole {
			return nil, fmt.Errorf("the body has %d bytes, want at most %d for success and result to see it", answer.Bytes, expressionBytes)
		}
	}
	if !c.success.IsEmpty() {
		value, err := c.success.Evaluate(ctx, seen)
		if err != nil {
			return nil, fmt.Errorf("success: %w", err)
		}
		o.Success = expression.Truth(value)
	}
	// What comes back without success has another shape; result is about success.
	if c.result.IsEmpty() || !o.Success {
		return o, nil
	}
	value, err := c.result.Evaluate(ctx, seen)
	if err == nil {
		o.Result, err = expression.Text(value)
	}
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	return o, nil
}

// caller tells who called as whom. The source has its answers at hand by now.
func (c *Caller) caller(ctx context.Context) diagnose.Caller {
	who := diagnose.Caller{Kind: c.config.Auth, Audience: c.config.Audience, Principal: c.source.Principal(ctx)}
	if credential, err := c.source.Credential(ctx); err == nil {
		who.CalledAs, who.Kind = credential.CalledAs, credential.Kind
	}
	return who
}

// Finding explains an outcome that is not a success.
func (o *Outcome) Finding() diagnose.Finding {
	return diagnose.Answer(o.Answer, o.head, o.Caller)
}

// textOf is the start of a body as an output parameter: valid UTF-8, cut
// between characters.
func textOf(head []byte) string {
	if len(head) > responseTextBytes {
		head = head[:responseTextBytes]
	}
	return validUTF8(head)
}
