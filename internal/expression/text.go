package expression

import (
	"encoding/json"
	"fmt"

	"github.com/itchyny/gojq"
)

// MaxText is how long the text of a value may be, in bytes: it travels as an
// argument to the steps that follow, which holds 128 KiB on Linux, beside the rest
// of their input.
const MaxText = 96 << 10

// Text is a value as an output: a string as it is, null as nothing, anything
// else as JSON.
func Text(value any) (string, error) {
	if left := room(value, MaxText); left < 0 {
		return "", tooLong()
	}
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	data, err := gojq.Marshal(value)
	if err == nil && len(data) > MaxText {
		err = tooLong()
	}
	return string(data), err
}

func tooLong() error {
	return fmt.Errorf("the value is longer than %d bytes; take less of the answer", MaxText)
}

// room is what at most is left of some bytes beside a value's text, negative where
// it does not fit. It looks no further than that: a value of few bytes in memory may
// hold itself many times over.
func room(value any, left int) int {
	left--
	switch v := value.(type) {
	case string:
		return left - len(v)
	case json.Number:
		return left - len(v)
	case []any:
		for i := 0; i < len(v) && left >= 0; i++ {
			left = room(v[i], left)
		}
	case map[string]any:
		for name, one := range v {
			if left = room(one, left-len(name)); left < 0 {
				return left
			}
		}
	}
	return left
}
