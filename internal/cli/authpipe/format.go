package authpipe

import (
	"errors"

	"github.com/spf13/pflag"
)

// format is the form of what goes to stdout: JSON, or what people read.
type format string

// jsonFormat is the one machine-readable form of output.
const jsonFormat format = "json"

func (f *format) register(flags *pflag.FlagSet) {
	flags.VarP(f, "output", "o", "`json`: print one JSON document on stdout and nothing else there")
}

// Set implements pflag.Value.
func (f *format) Set(text string) error {
	if text != string(jsonFormat) {
		return errors.New("want json")
	}
	*f = jsonFormat
	return nil
}

func (f *format) String() string { return string(*f) }

// Type implements pflag.Value; it is shown where the usage names no value.
func (f *format) Type() string { return "json" }
