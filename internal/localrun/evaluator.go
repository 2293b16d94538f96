package localrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"google.golang.org/protobuf/types/known/structpb"
)

// evaluator evaluates the CEL expressions of a spec.
type evaluator struct{ env *cel.Env }

func newEvaluator() (*evaluator, error) {
	env, err := cel.NewEnv(
		cel.CrossTypeNumericComparisons(true),
		// With less of the type known, the checker binds int(inputs.x['a']) to the
		// overload for integers, and evaluation refuses the double.
		cel.Variable("inputs", cel.MapType(cel.StringType, cel.MapType(cel.StringType, cel.DynType))),
		cel.Variable("string_value", cel.StringType),
		cel.Function("parseJson", cel.Overload("parse_json_string", []*cel.Type{cel.StringType}, cel.DynType, cel.UnaryBinding(parseJSON))),
	)
	if err != nil {
		return nil, fmt.Errorf("set up CEL: %w", err)
	}
	return &evaluator{env}, nil
}

func parseJSON(text ref.Val) ref.Val {
	var value any
	if err := json.Unmarshal([]byte(fmt.Sprint(text.Value())), &value); err != nil {
		return types.NewErr("parseJson: %v", err)
	}
	return types.DefaultTypeAdapter.NativeToValue(value)
}

// compile checks an expression.
func (e *evaluator) compile(expression string) (cel.Program, error) {
	ast, issues := e.env.Compile(expression)
	if issues.Err() != nil {
		return nil, fmt.Errorf("expression %q: %w", expression, issues.Err())
	}
	return e.env.Program(ast)
}

func (e *evaluator) eval(expression string, variables map[string]any) (ref.Val, error) {
	program, err := e.compile(expression)
	if err != nil {
		return nil, err
	}
	value, _, err := program.Eval(variables)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", expression, err)
	}
	return value, nil
}

// condition evaluates a trigger policy's condition over a task's inputs.
func (e *evaluator) condition(expression string, parameters map[string]any) (bool, error) {
	value, err := e.eval(expression, map[string]any{"inputs": map[string]any{"parameter_values": parameters}})
	if err != nil {
		return false, fmt.Errorf("condition: %w", err)
	}
	holds, ok := value.Value().(bool)
	if !ok {
		return false, fmt.Errorf("condition: expression %q: got %s, want a boolean", expression, value.Type())
	}
	return holds, nil
}

// pick evaluates an expression that selects a part of a value.
func (e *evaluator) pick(expression string, value any) (any, error) {
	part, err := e.eval(expression, map[string]any{"string_value": asText(value)})
	if err != nil {
		return nil, err
	}
	native, err := part.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", expression, err)
	}
	converted, ok := native.(*structpb.Value)
	if !ok {
		return nil, errors.New("CEL gave no JSON value")
	}
	return converted.AsInterface(), nil
}
