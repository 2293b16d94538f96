package component

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/authcall/authcall/internal/executor"
	"github.com/authcall/authcall/internal/exitcode"
	"github.com/authcall/authcall/internal/interrupt"
)

// Program is a KFP component that is a function in Go: any function, it need make
// no call. Make one with Func; in an image, its main runs Main.
type Program struct {
	definition Definition
	perform    func(context.Context, *executor.Input) error
	problem    error
}

// Func makes a component of a function. In is a struct with a field for each
// input, Out one with a field for each output; the parameter of a field
// StatusCode is named status_code. Types of fields are strings, integers, floats,
// bools, slices (JsonArray), maps and structs (JsonObject), InputArtifact and
// OutputArtifact. The tag desc describes a field; the tag default, which is text,
// makes an input optional.
//
// An error of the function fails the step, with its message as the cause that
// people see.
func Func[In, Out any](name, description string, run func(ctx context.Context, in In, out *Out) error) *Program {
	inputs, outputs := reflect.TypeFor[In](), reflect.TypeFor[Out]()
	p := &Program{definition: Definition{Name: name, Description: description}}
	if p.problem = errors.Join(checkStruct("inputs", inputs), checkStruct("outputs", outputs)); p.problem != nil {
		return p
	}
	p.definition.Inputs, p.definition.Outputs = parametersOf(inputs), parametersOf(outputs)
	p.perform = func(ctx context.Context, in *executor.Input) error {
		var given In
		if err := fill(reflect.ValueOf(&given).Elem(), p.definition.Inputs, in); err != nil {
			return inputError(err)
		}
		var out Out
		return produce(reflect.ValueOf(&out).Elem(), in.Outputs, func() error { return run(ctx, given, &out) })
	}
	return p
}

// checkStruct tells of fields that no parameter can stand for.
func checkStruct(what string, t reflect.Type) error {
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("%s are a %s, want a struct", what, t)
	}
	var problems []error
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous || kfpType(f.Type) == "" {
			problems = append(problems, fmt.Errorf("%s: field %s has type %s, want an exported field of a type that a parameter has", what, f.Name, f.Type))
		}
	}
	return errors.Join(problems...)
}

// Definition describes the component, for an image that has the program at its
// root under the program's own name.
func (p *Program) Definition(image string) Definition {
	d := p.definition
	d.Image = image
	d.Command = []string{"/" + filepath.Base(os.Args[0])}
	return d
}

// Run runs the component once, for an executor input as the runtime gives it. The
// cause of a failure is left where runtimes look for it as well.
func (p *Program) Run(ctx context.Context, executorInput string) error {
	if p.problem != nil {
		return p.problem
	}
	in, err := executor.Parse(executorInput)
	if err != nil {
		return inputError(err)
	}
	if err = p.perform(ctx, in); err != nil {
		return errors.Join(err, in.Outputs.WriteError(oneLine(err)))
	}
	return nil
}

// Main is all that a component's main does: it runs the component with the
// program's arguments, SIGINT and SIGTERM ending its context, and returns the exit
// code. With --component-yaml IMAGE it prints the component.yaml for an image.
func (p *Program) Main(args []string) int {
	ctx, stop := interrupt.Context(context.Background())
	defer stop()
	err := p.dispatch(ctx, args, os.Stdout)
	var input *InputError
	code, interrupted := interrupt.ExitCode(ctx)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitcode.OK
	case interrupted:
	case errors.As(err, &input):
		code = exitcode.Usage
	default:
		code = exitcode.Failed
	}
	_, _ = fmt.Fprintf(os.Stderr, "%s: %s\n", filepath.Base(os.Args[0]), oneLine(err)) // nowhere to tell of a broken stderr
	return code
}

func (p *Program) dispatch(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet(filepath.Base(os.Args[0]), flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	input := flags.String("executor_input", "", "executor input as `JSON`: run the component")
	image := flags.String("component-yaml", "", "print the component.yaml for an `IMAGE`")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return err
	case err != nil:
		return inputError(err)
	case flags.NArg() > 0:
		return inputError(fmt.Errorf("got the argument %q, want flags alone", flags.Arg(0)))
	case *image != "" && p.problem == nil:
		data, err := p.Definition(*image).JSON()
		if err == nil {
			_, err = stdout.Write(data)
		}
		return err
	case *input == "":
		return inputError(errors.New("--executor_input is missing, want the executor input as JSON"))
	}
	return p.Run(ctx, *input)
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
