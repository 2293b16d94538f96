package pipelines

import (
	"fmt"
	"strconv"
	"strings"
)

// Condition is a yes or no that is known only when the pipeline runs. The zero
// value always holds.
type Condition struct {
	// expression writes the condition as CEL, given how to write a value.
	expression func(operand func(Value) string) string
	values     []Value
	err        error
}

// Equal holds where the value equals a constant or another value.
func (v Value) Equal(other any) Condition { return v.compare("==", other) }

// NotEqual holds where the value differs from a constant or another value.
func (v Value) NotEqual(other any) Condition { return v.compare("!=", other) }

// Less holds where the value is less than a constant or another value.
func (v Value) Less(other any) Condition { return v.compare("<", other) }

// LessOrEqual holds where the value is at most a constant or another value.
func (v Value) LessOrEqual(other any) Condition { return v.compare("<=", other) }

// Greater holds where the value is more than a constant or another value.
func (v Value) Greater(other any) Condition { return v.compare(">", other) }

// GreaterOrEqual holds where the value is at least a constant or another value.
func (v Value) GreaterOrEqual(other any) Condition { return v.compare(">=", other) }

// And holds where both conditions hold.
func (c Condition) And(other Condition) Condition {
	switch {
	case c.expression == nil:
		return other.inheriting(c)
	case other.expression == nil:
		return c.inheriting(other)
	}
	joined := Condition{values: append(c.values[:len(c.values):len(c.values)], other.values...)}
	joined.expression = func(operand func(Value) string) string {
		return c.expression(operand) + " && " + other.expression(operand)
	}
	return joined.inheriting(c).inheriting(other)
}

// Not holds where the condition does not.
func (c Condition) Not() Condition {
	not := Condition{values: c.values, err: c.err}
	not.expression = func(operand func(Value) string) string {
		if c.expression == nil {
			return "false"
		}
		return "!(" + c.expression(operand) + ")"
	}
	return not
}

// inheriting keeps the first mistake of the conditions that one is made of.
func (c Condition) inheriting(other Condition) Condition {
	if c.err == nil {
		c.err = other.err
	}
	return c
}

func (v Value) compare(operator string, other any) Condition {
	values := []Value{v}
	right, isValue := other.(Value)
	if isValue {
		values = append(values, right)
	}
	for _, value := range values {
		if value.invalid {
			return Condition{values: values} // told already
		}
		if value.pipeline == nil {
			return Condition{err: errEmpty}
		}
		if !value.typ.isScalar() {
			return Condition{err: fmt.Errorf("%s is %s, which cannot be compared", value, value.typ)}
		}
	}
	if isValue && right.typ != v.typ {
		return Condition{err: fmt.Errorf("%s is %s, %s is %s: want the same type", v, v.typ, right, right.typ)}
	}
	literal := ""
	if !isValue {
		var err error
		if literal, err = v.typ.literal(other); err != nil {
			return Condition{err: fmt.Errorf("%s: %w", v, err)}
		}
	}
	return Condition{values: values, expression: func(operand func(Value) string) string {
		if isValue {
			return operand(v) + " " + operator + " " + operand(right)
		}
		return operand(v) + " " + operator + " " + literal
	}}
}

// literal writes a constant in CEL, for a comparison with a value of the type.
func (t Type) literal(given any) (string, error) {
	value, err := constant(given)
	if err == nil {
		err = t.check(value)
	}
	if err != nil {
		return "", err
	}
	switch value := value.(type) {
	case string:
		return quoteCEL(value), nil
	case float64:
		if t == Integer {
			return strconv.FormatInt(int64(value), 10), nil
		}
		return doubleCEL(value), nil
	default:
		return fmt.Sprint(value), nil
	}
}

// quoteCEL writes text in single quotes. Go's escapes are CEL's too.
func quoteCEL(text string) string {
	inner := strconv.Quote(text)
	inner = strings.ReplaceAll(inner[1:len(inner)-1], `\"`, `"`)
	return "'" + strings.ReplaceAll(inner, "'", `\'`) + "'"
}

// doubleCEL writes a double with a point, for CEL compares no double with an
// integer.
func doubleCEL(n float64) string {
	text := strconv.FormatFloat(n, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
