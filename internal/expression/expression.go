package expression

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

// patience bounds one evaluation: a jq program can loop for ever.
const patience = 10 * time.Second

// Expression is a compiled jq expression. The zero value is the empty one.
type Expression struct {
	source   string
	code     *gojq.Code
	constant bool
}

// Compile reads a jq expression; empty text gives the empty expression. The
// expression sees no environment variables and loads no modules.
func Compile(source string) (Expression, error) {
	if strings.TrimSpace(source) == "" {
		return Expression{}, nil
	}
	query, err := gojq.Parse(source)
	if err != nil {
		return Expression{}, placed(err)
	}
	code, err := gojq.Compile(query, gojq.WithEnvironLoader(func() []string { return nil }))
	if err != nil {
		return Expression{}, err
	}
	return Expression{source: source, code: code, constant: isLiteral(query)}, nil
}

// isLiteral says whether a query is one text, number, truth value or null, and so
// gives the same for every input.
func isLiteral(q *gojq.Query) bool {
	if q.Term == nil || len(q.FuncDefs) > 0 || len(q.Term.SuffixList) > 0 {
		return false
	}
	switch q.Term.Type {
	case gojq.TermTypeString:
		return q.Term.Str != nil && q.Term.Str.Queries == nil
	case gojq.TermTypeNumber, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNull:
		return true
	default:
		return false
	}
}

// placed says where in the expression a syntax error is.
func placed(err error) error {
	var syntax *gojq.ParseError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w at byte %d", err, syntax.Offset)
	}
	return err
}

// IsEmpty says whether there is no expression.
func (e Expression) IsEmpty() bool { return e.code == nil }

// Answer is what an expression sees.
type Answer struct {
	// Status is the HTTP status code.
	Status int
	// Header is the answer's header; names are lower-cased for the expression,
	// repeated ones joined by a comma.
	Header http.Header
	// Body is the whole body. Where it is JSON the expression sees its value,
	// otherwise its text.
	Body []byte
}

func (a Answer) input() map[string]any {
	headers := make(map[string]any, len(a.Header))
	for name, values := range a.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	var body any
	if err := json.Unmarshal(a.Body, &body); err != nil {
		body = string(a.Body)
	}
	return map[string]any{"status": a.Status, "headers": headers, "body": body}
}

// Constant is the value of an expression that gives the same for every input, as a
// text or a number does; false means that it is another.
func (e Expression) Constant(ctx context.Context) (any, bool) {
	if !e.constant {
		return nil, false
	}
	value, err := e.Of(ctx, nil)
	return value, err == nil
}

// Evaluate is Of an answer.
func (e Expression) Evaluate(ctx context.Context, a Answer) (any, error) {
	return e.Of(ctx, a.input())
}

// Of returns the expression's first value for an input, which is a JSON value; no
// value counts as null. An expression that fails or takes longer than ten seconds
// is an error.
func (e Expression) Of(ctx context.Context, input any) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	value, ok := e.code.RunWithContext(ctx, input).Next()
	if !ok {
		return nil, nil
	}
	if err, failed := value.(error); failed {
		return nil, fmt.Errorf("expression %q: %w", e.source, err)
	}
	return value, nil
}

// Truth says whether a value counts as true in jq: all do but false and null.
func Truth(value any) bool { return value != nil && value != false }

// Text is a value as an output: a string as it is, null as nothing, anything
// else as JSON.
func Text(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	data, err := gojq.Marshal(value)
	return string(data), err
}
