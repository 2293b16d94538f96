package authpipe

import (
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// optional is a flag of which it matters whether it is given: the value stays nil
// where it is not.
type optional[T any] struct {
	value **T
	parse func(string) (T, error)
	kind  string
}

// Set implements pflag.Value.
func (o optional[T]) Set(text string) error {
	value, err := o.parse(text)
	if err != nil {
		return err
	}
	*o.value = &value
	return nil
}

// String implements pflag.Value; no such flag has a default.
func (o optional[T]) String() string { return "" }

// Type implements pflag.Value; it is shown where the usage names no value.
func (o optional[T]) Type() string { return o.kind }

func optionalText(flags *pflag.FlagSet, value **string, name, usage string) {
	flags.Var(optional[string]{value, func(text string) (string, error) { return text, nil }, "TEXT"}, name, usage)
}

func optionalDuration(flags *pflag.FlagSet, value **time.Duration, name, usage string) {
	flags.Var(optional[time.Duration]{value, time.ParseDuration, "DURATION"}, name, usage)
}

func optionalNumber(flags *pflag.FlagSet, value **int32, name, usage string) {
	const base, bits = 10, 32
	flags.Var(optional[int32]{value, func(text string) (int32, error) {
		n, err := strconv.ParseInt(text, base, bits)
		return int32(n), err
	}, "NUMBER"}, name, usage)
}

func optionalRate(flags *pflag.FlagSet, value **float64, name, usage string) {
	const bits = 64
	flags.Var(optional[float64]{value, func(text string) (float64, error) { return strconv.ParseFloat(text, bits) }, "NUMBER"}, name, usage)
}

func optionalTruth(flags *pflag.FlagSet, value **bool, name, usage string) {
	flags.Var(optional[bool]{value, strconv.ParseBool, "true|false"}, name, usage)
	flags.Lookup(name).NoOptDefVal = "true"
}
