package component

import (
	"context"
	"fmt"

	"github.com/authcall/authcall/internal/diagnose"
	"github.com/authcall/authcall/internal/expression"
)

// Outcome is an answer and what the config makes of it.
type Outcome struct {
	// Answer is what the service answered.
	Answer *Answer
	// Success says whether it is a success by the config.
	Success bool
	// Result is the value of the result expression as text.
	Result string
	// Text is the start of the body, at most 8192 bytes of valid UTF-8.
	Text string
	// Caller is who called as whom.
	Caller diagnose.Caller

	head []byte
	// published is what of the header may stand in artifact metadata.
	published map[string]any
}

// judge makes an Outcome of an answer.
func (c *Caller) judge(ctx context.Context, e exchange) (*Outcome, error) {
	o := &Outcome{
		Answer: e.answer, Caller: c.caller(ctx), Text: c.textOf(e.body),
		Success:   e.answer.Status >= 200 && e.answer.Status <= 299,
		published: c.published(e.answer.Header),
	}
	o.head = []byte(o.Text)
	if !c.expressions.success.IsEmpty() {
		value, err := c.expressions.success.Evaluate(ctx, e.seen())
		if err != nil {
			return nil, c.unfit(ctx, e.answer, fmt.Errorf("success: %w", err))
		}
		o.Success = expression.Truth(value)
	}
	// What comes back without success has another shape; result is about success.
	if c.expressions.result.IsEmpty() || !o.Success {
		return o, nil
	}
	value, err := c.expressions.result.Evaluate(ctx, e.seen())
	if err == nil {
		o.Result, err = expression.Text(value)
		o.Result = c.shown().redact(o.Result)
	}
	if err != nil {
		return nil, c.unfit(ctx, e.answer, fmt.Errorf("result: %w", err))
	}
	return o, nil
}

// caller tells who called as whom, by the credential that was sent.
func (c *Caller) caller(ctx context.Context) diagnose.Caller {
	who := diagnose.Caller{Kind: c.config.Auth, Audience: c.config.Audience, Principal: c.source.Principal(ctx)}
	if c.sent != nil && c.sent.last.Kind != "" {
		who.CalledAs, who.Kind = c.sent.last.CalledAs, c.sent.last.Kind
	}
	return who
}

// Finding explains an outcome that is not a success.
func (o *Outcome) Finding() Finding {
	return diagnose.Answer(o.Answer, o.head, o.Caller)
}

// tooLongToSee is the error where an expression must see a body that is longer
// than is kept in memory.
func tooLongToSee(bytes int64) error {
	return fmt.Errorf("the body has %d bytes, want at most %d for an expression to see it", bytes, expressionBytes)
}
