package component

import (
	"errors"
	"fmt"

	"github.com/authcall/authcall/internal/expression"
)

// expressions are the compiled expressions of a config.
type expressions struct {
	success, result, pollUntil, nextPage expression.Expression
}

// compile reads all expressions; all that is wrong is told at once.
func compile(c Config) (expressions, error) {
	var x expressions
	var problems []error
	for _, one := range []struct {
		input, text string
		into        *expression.Expression
	}{
		{"success", c.Success, &x.success},
		{"result", c.Result, &x.result},
		{"poll_until", c.PollUntil, &x.pollUntil},
		{"next_page", c.NextPage, &x.nextPage},
	} {
		compiled, err := expression.Compile(one.text)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", one.input, err))
		}
		*one.into = compiled
	}
	return x, errors.Join(problems...)
}

// seeBody says whether an expression looks at every answer's body.
func (x expressions) seeBody() bool { return !x.success.IsEmpty() || !x.result.IsEmpty() }
