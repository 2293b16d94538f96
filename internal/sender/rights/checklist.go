package rights

import (
	"context"
	"net/url"
)

// Checklist looks at all that the setup takes: the API, and each right.
func (c *Checker) Checklist(ctx context.Context, s Setup) []Row {
	rows := []Row{s.api()}
	if s.Token.ServiceAccount == "" { // nothing is called yet
		return rows
	}
	s = c.complete(ctx, &s)
	rows = append(rows, c.Check(ctx, s.Needs())...)
	switch s.Target.Kind {
	case Other:
		rows = append(rows, Row{
			Name: s.Token.ServiceAccount + " may call " + s.URL, State: Unchecked,
			Detail: "the target itself decides whom it lets in; let it take the audience " + s.Token.Audience,
		})
	case Unknown:
		rows = append(rows, Row{
			Name: s.Token.ServiceAccount + " may call " + s.URL, State: Unseen,
			Detail: "the URL does not tell who answers: name it with --target",
		})
	}
	return rows
}

// complete finds out the project's number, and what the URL tells of the target.
func (c *Checker) complete(ctx context.Context, s *Setup) Setup {
	whole := *s
	number, err := c.Number(ctx, s.Project)
	whole.ProjectNumber = number
	if err != nil {
		whole.ProjectNumber = NumberCommand(s.Project)
		whole.numberless = "you may not see the number of project " + s.Project + ": " + reason(err)
	}
	if u, err := url.Parse(s.URL); err == nil && s.Target.Kind == Unknown {
		whole.Target = GuessTarget(u, s.Project, number)
	}
	return whole
}

func (s Setup) api() Row {
	row := Row{Name: s.API.Service + " is on in project " + s.Project, State: Held}
	if s.Disabled {
		row.State, row.Cure, row.enable = Missing, s.API.EnableCommand(s.Project), true
	}
	return row
}

// CanApply tells whether Apply mends the row.
func (r Row) CanApply() bool { return r.grant != nil || r.enable }

// Fix says what Apply does with a row.
func (s Setup) Fix(r Row) string {
	if r.grant != nil {
		return "granting " + r.grant.String()
	}
	return "enabling " + s.API.Service + " in project " + s.Project
}

// Apply mends a row.
func (c *Checker) Apply(ctx context.Context, s Setup, r Row) error {
	if r.enable {
		return c.Enable(ctx, s.Project, s.API)
	}
	return c.Grant(ctx, *r.grant)
}
