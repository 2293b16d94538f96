package config

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/authcall/authcall/internal/expression"
	"github.com/authcall/authcall/internal/pipelinespec"
)

// Parameter is one parameter of a pipeline and where its value comes from.
type Parameter struct {
	// Name is the parameter's.
	Name string
	// Type is the declared one.
	Type pipelinespec.ParameterType
	// Required says that the pipeline has no default for it.
	Required bool

	expression expression.Expression
}

// MappingError is an event that an expression makes nothing fit of. Its text holds
// nothing of the event.
type MappingError struct {
	// Field is what the expression was for.
	Field string
	// Problem says what came of it.
	Problem string
	// Detail is what the expression itself says, which may hold some of the event;
	// it is for the sender's eyes alone.
	Detail error
}

func (e *MappingError) Error() string { return e.Field + ": " + e.Problem }

// Value is what an input gives for the parameter; null gives none, which leaves the
// pipeline its default. The error is a *MappingError.
func (p Parameter) Value(ctx context.Context, input any) (value any, given bool, err error) {
	field := fmt.Sprintf("parameter %q", p.Name)
	result, err := p.expression.Of(ctx, input)
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case err != nil:
		return nil, false, &MappingError{Field: field, Problem: "its expression failed", Detail: err}
	case result == nil && p.Required:
		return nil, false, &MappingError{Field: field, Problem: fmt.Sprintf("its expression gave nothing, want %s: the pipeline has no default", p.Type)}
	case result == nil:
		return nil, false, nil
	}
	value = number(result)
	if p.Type.Check(value) != nil {
		return nil, false, &MappingError{Field: field, Problem: fmt.Sprintf("its expression gave %s, want %s", kind(value), p.wanted())}
	}
	return value, true, nil
}

// checkConstant tells of an expression that is wrong for every event.
func (p Parameter) checkConstant(ctx context.Context) error {
	if _, constant := p.expression.Constant(); !constant {
		return nil
	}
	_, _, err := p.Value(ctx, nil)
	return err
}

func (p Parameter) wanted() string {
	if p.Type == pipelinespec.NumberInteger {
		return string(p.Type) + ", whole and below 2^53"
	}
	return string(p.Type)
}

// number makes one of Go's own of the numbers that jq knows beside them. One that is
// too great for those stays what it is, and is of no parameter's type.
func number(value any) any {
	switch n := value.(type) {
	case json.Number:
		if f, err := n.Float64(); err == nil {
			return f
		}
	case *big.Int:
		if n.IsInt64() {
			return n.Int64()
		}
	}
	return value
}

// kind names the type of a JSON value.
func kind(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "a truth value"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	default:
		return "a number"
	}
}
