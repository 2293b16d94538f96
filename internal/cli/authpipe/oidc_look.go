package authpipe

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
)

// argument is how usages call the id of one.
func (k *oidcKind[M]) argument() string { return strings.ToUpper(k.noun) }

// newGet makes the command that shows one.
func (k *oidcKind[M]) newGet(f *factory) *cobra.Command {
	var o oidcOptions
	cmd := &cobra.Command{
		Use:     "get " + k.argument(),
		Short:   "Show a " + k.noun,
		Example: fmt.Sprintf("  authpipe oidc %s get nightly -o json", k.command),
		Args:    exactArgs(k.argument()),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := o.at(f.defaults, k.regional)
			if err != nil {
				return err
			}
			return k.with(cmd.Context(), f, t, func(s *oidcSession[M]) error {
				m, err := s.Get(cmd.Context(), k.name(t, args[0]))
				if err != nil {
					return err
				}
				return s.show(m, o.output)
			})
		},
	}
	o.register(cmd.Flags(), k.regional)
	return cmd
}

// show prints one, for people as a line of the table.
func (s *oidcSession[M]) show(m M, output format) error {
	if output == jsonFormat {
		return printMessage(s.stdout, m)
	}
	return s.table([]M{m})
}

// newList makes the command that lists them.
func (k *oidcKind[M]) newList(f *factory) *cobra.Command {
	var o oidcOptions
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the " + k.noun + "s",
		Example: fmt.Sprintf("  authpipe oidc %s list", k.command),
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := o.at(f.defaults, k.regional)
			if err != nil {
				return err
			}
			if limit < 1 {
				return usageErrorf("--limit %d: want at least 1", limit)
			}
			return k.with(cmd.Context(), f, t, func(s *oidcSession[M]) error { return s.listAll(cmd.Context(), limit, o.output) })
		},
	}
	o.register(cmd.Flags(), k.regional)
	registerLimit(cmd, &limit)
	return cmd
}

func registerLimit(cmd *cobra.Command, limit *int) {
	const some = 100
	cmd.Flags().IntVar(limit, "limit", some, "`NUMBER` of them at the most")
}

func (s *oidcSession[M]) listAll(ctx context.Context, limit int, output format) error {
	all, err := s.List(ctx, s.kind.parent(s.target), limit)
	if err != nil {
		return err
	}
	if output == jsonFormat {
		return printMessage(s.stdout, s.kind.list(all))
	}
	if len(all) == 0 {
		s.say("no %ss in %s", s.kind.noun, s.kind.parent(s.target))
		return nil
	}
	return s.table(all)
}

func (s *oidcSession[M]) table(all []M) error {
	rows := make([][]string, 0, len(all))
	for _, m := range all {
		rows = append(rows, append([]string{sender.ID(nameOf(m))}, s.kind.columns(m)...))
	}
	return s.printTable(rows)
}

// printTable writes rows for people.
func (f *factory) printTable(rows [][]string) error {
	t := tabwriter.NewWriter(f.stderr, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		line := strings.TrimRight(strings.Join(row, "\t"), "\t") // no spaces at the ends of lines
		if _, err := fmt.Fprintln(t, line); err != nil {
			return err
		}
	}
	return t.Flush()
}

// named is every resource: it knows its name.
type named interface{ GetName() string }

func nameOf(m any) string {
	if n, ok := m.(named); ok {
		return n.GetName()
	}
	return ""
}

// newDelete makes the command that deletes one.
func (k *oidcKind[M]) newDelete(f *factory) *cobra.Command {
	var o oidcOptions
	var ignoreMissing bool
	cmd := &cobra.Command{
		Use:   "delete " + k.argument(),
		Short: "Delete a " + k.noun,
		Long: "Deletes it without asking; the bindings that were made for it stay. With -o json the\n" +
			"document has its name and nothing else of it.",
		Example: fmt.Sprintf("  authpipe oidc %s delete nightly --ignore-missing", k.command),
		Args:    exactArgs(k.argument()),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := o.at(f.defaults, k.regional)
			if err != nil {
				return err
			}
			return k.with(cmd.Context(), f, t, func(s *oidcSession[M]) error {
				return s.remove(k.name(t, args[0]), ignoreMissing, o.output, func(name string) error { return s.Delete(cmd.Context(), name) })
			})
		},
	}
	o.register(cmd.Flags(), k.regional)
	registerIgnoreMissing(cmd, &ignoreMissing)
	return cmd
}

func registerIgnoreMissing(cmd *cobra.Command, ignore *bool) {
	cmd.Flags().BoolVar(ignore, "ignore-missing", false, "succeed where there is none")
}

func (s *oidcSession[M]) remove(name string, ignoreMissing bool, output format, del func(name string) error) error {
	err := del(name)
	switch {
	case err == nil:
		s.say("deleted %s", sender.ID(name))
	case ignoreMissing && gapi.IsKind(err, gapi.NotFound):
		s.say("there is no %s", sender.ID(name))
	default:
		return err
	}
	if output == jsonFormat {
		return printJSON(s.stdout, map[string]string{"name": name})
	}
	return nil
}
