package authcall

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/rs/zerolog"

	"github.com/authcall/authcall/component"
	"github.com/authcall/authcall/internal/logging"
)

// settings are the options that flags set, in the order given. They are
// applied last, over the environment and the executor input.
type settings []struct{ input, text string }

// register gives every option of the component a flag.
func (s *settings) register(flags *flag.FlagSet) {
	for _, in := range component.Inputs() {
		set := func(text string) error {
			*s = append(*s, struct{ input, text string }{in.Name, text})
			return new(component.Config).Set(in.Name, text)
		}
		name, usage := kebab(in.Name), in.Description
		if in.Default != "" {
			usage += fmt.Sprintf(" (default %s)", in.Default)
		}
		if in.Type == "Boolean" {
			flags.BoolFunc(name, usage, set)
			continue
		}
		flags.Func(name, usage, set)
	}
}

func (s *settings) add(input, text string) {
	*s = append(*s, struct{ input, text string }{input, text})
}

func (s settings) has(input string) bool {
	for _, one := range s {
		if one.input == input {
			return true
		}
	}
	return false
}

// apply puts the settings over a config.
func (s settings) apply(c *component.Config) error {
	var problems []error
	for _, one := range s {
		problems = append(problems, c.Set(one.input, one.text))
	}
	return errors.Join(problems...)
}

func kebab(input string) string { return strings.ReplaceAll(input, "_", "-") }

// newFlags makes a flag set whose help is text and whose errors are ours to tell.
func newFlags(name, text string, s streams) *flag.FlagSet {
	flags := flag.NewFlagSet("authcall "+name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {
		flags.SetOutput(s.out)
		_, _ = io.WriteString(s.out, text+"\n\nFlags:\n")
		flags.PrintDefaults()
		flags.SetOutput(io.Discard)
	}
	return flags
}

// parse reads flags and arguments in any order, and returns the arguments.
func parse(flags *flag.FlagSet, args []string) ([]string, error) {
	help := flags.Usage
	flags.Usage = func() {} // the package would print it for every slip
	var rest []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				help()
				return nil, err
			}
			return nil, usageError("%w; '%s -h' lists the flags", err, flags.Name())
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

// load reads the environment and makes the logger.
func load(s streams) (component.Config, component.Policy, zerolog.Logger, error) {
	config, policy, err := component.FromEnvironment()
	if err != nil {
		return config, policy, zerolog.Nop(), err
	}
	log, err := logging.New(s.err, policy.Logging())
	if err != nil {
		err = &component.InputError{Err: err}
	}
	return config, policy, log, err
}
