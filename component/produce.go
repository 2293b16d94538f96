package component

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/authcall/authcall/internal/executor"
)

// fill sets a struct's fields from defaults and the executor input. All that is
// wrong is told at once.
func fill(structure reflect.Value, declared []Parameter, in *executor.Input) error {
	fields := fieldsByName(structure)
	var problems []error
	for _, p := range declared {
		field := fields[p.Name]
		if artifact, ok := field.Addr().Interface().(*InputArtifact); ok {
			problems = append(problems, bindInput(artifact, p, in))
			delete(fields, p.Name)
			continue
		}
		problems = append(problems, fillDefault(field, p, in))
	}
	return errors.Join(append(problems, overlay(fields, in))...)
}

func fillDefault(field reflect.Value, p Parameter, in *executor.Input) error {
	_, given := in.Parameter(p.Name)
	switch {
	case given:
		return nil
	case !p.Optional:
		return fmt.Errorf("input %s is missing", p.Name)
	case p.Default == "":
		return nil
	}
	if err := assignText(field, p.Default); err != nil {
		return fmt.Errorf("default of input %s: %w", p.Name, err)
	}
	return nil
}

func bindInput(artifact *InputArtifact, p Parameter, in *executor.Input) error {
	from, given := in.Artifacts[p.Name]
	if !given && p.Optional {
		return nil
	}
	if !given {
		return fmt.Errorf("input %s is missing", p.Name)
	}
	return artifact.bind(from)
}

// produce runs what sets a struct of outputs, and writes them where the runtime
// wants them: nothing that was written stays where it fails.
func produce(structure reflect.Value, to executor.Outputs, run func() error) error {
	fields := fieldsByName(structure)
	artifacts := map[string]*OutputArtifact{}
	for name, field := range fields {
		if artifact, ok := field.Addr().Interface().(*OutputArtifact); ok {
			artifacts[name] = artifact
			delete(fields, name)
		}
	}
	if err := prepare(to, artifacts); err != nil {
		return inputError(fmt.Errorf("outputs cannot be written: %w", err))
	}
	err := run()
	for _, artifact := range artifacts {
		err = errors.Join(err, artifact.end(err != nil))
	}
	if err != nil {
		return err
	}
	return to.Write(valuesOf(fields, artifacts))
}

func prepare(to executor.Outputs, artifacts map[string]*OutputArtifact) error {
	for name, artifact := range artifacts {
		if place, wanted := to.Artifacts[name]; wanted {
			if err := artifact.bind(place); err != nil {
				return err
			}
		}
	}
	return to.Prepare()
}

func valuesOf(fields map[string]reflect.Value, artifacts map[string]*OutputArtifact) executor.Values {
	values := executor.Values{Parameters: map[string]any{}, Metadata: map[string]map[string]any{}}
	for name, field := range fields {
		values.Parameters[name] = value(field)
	}
	for name, artifact := range artifacts {
		values.Metadata[name] = artifact.Metadata
	}
	return values
}

// value is a field as JSON that is of the type that was declared: Go's nil slices
// and maps are null in JSON, which no runtime takes.
func value(field reflect.Value) any {
	switch {
	case field.Kind() == reflect.Slice && field.IsNil():
		return []any{}
	case field.Kind() == reflect.Map && field.IsNil():
		return map[string]any{}
	case field.Kind() == reflect.String:
		return field.String()
	}
	return field.Interface()
}
