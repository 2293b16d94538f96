package expression

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/itchyny/gojq"
)

// Expression is a compiled jq expression. The zero value is the empty one.
type Expression struct {
	source string
	code   *gojq.Code
	// constant says that the value is the same for every input: value.
	constant bool
	value    any
}

// Compile reads a jq expression; empty text gives the empty expression. The
// expression sees no environment variables and loads no modules.
func Compile(source string) (Expression, error) {
	if strings.TrimSpace(source) == "" {
		return Expression{}, nil
	}
	query, err := gojq.Parse(source)
	if err != nil {
		return Expression{}, placed(source, err)
	}
	code, err := gojq.Compile(query, gojq.WithEnvironLoader(func() []string { return nil }))
	if err != nil {
		return Expression{}, placed(source, err)
	}
	e := Expression{source: source, code: code}
	if isLiteral(query) {
		e.value, e.constant = code.Run(nil).Next()
	}
	return e, nil
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

// placed says where in the expression an error is.
func placed(source string, err error) error {
	var syntax *gojq.ParseError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w at byte %d", err, syntax.Offset)
	}
	// The compiler tells only the name that it does not know.
	if name := regexp.MustCompile(`not defined: (\$?[\w:]+)`).FindStringSubmatch(err.Error()); name != nil {
		if at := regexp.MustCompile(regexp.QuoteMeta(name[1]) + `\b`).FindStringIndex(source); at != nil {
			return fmt.Errorf("%w at byte %d", err, at[0]+1)
		}
	}
	return err
}

// IsEmpty says whether there is no expression.
func (e Expression) IsEmpty() bool { return e.code == nil }

// Constant is the value of an expression that gives the same for every input, as a
// text or a number does; false means that it is another.
func (e Expression) Constant() (any, bool) { return e.value, e.constant }

// Evaluate is Of an answer.
func (e Expression) Evaluate(ctx context.Context, a Answer) (any, error) {
	return e.Of(ctx, a.input())
}

// Of returns the expression's first value for an input, which is a JSON value; no
// value counts as null. An expression that fails, takes longer than ten seconds or
// more than a gibibyte of memory is an *Error.
func (e Expression) Of(ctx context.Context, input any) (any, error) {
	if e.constant {
		return e.value, nil
	}
	value, err := defaultBounds().run(ctx, func(ctx context.Context) (any, error) {
		value, ok := e.code.RunWithContext(ctx, input).Next()
		if err, failed := value.(error); ok && failed {
			return nil, err
		}
		return value, nil
	})
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, &Error{Source: e.source, Err: err}
	}
	return value, nil
}

// Error means that an expression has no value for an input.
type Error struct {
	// Source is the expression.
	Source string
	// Err says why; it may show some of the input.
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("expression %q: %v", e.Source, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Type is jq's name for what a value is, such as number.
func Type(value any) string { return gojq.TypeOf(value) }

// Truth says whether a value counts as true in jq: all do but false and null.
func Truth(value any) bool { return value != nil && value != false }
