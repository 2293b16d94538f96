package authpipe

import (
	"fmt"
	"time"

	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"github.com/spf13/cobra"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/queues"
)

// upTo wants from least to as many arguments as there are names.
func upTo(least int, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usageErrorf("%s is missing: %s", names[len(args)], cmd.UseLine())
		case len(args) > len(names):
			return usageErrorf("unexpected argument %q: %s", args[len(names)], cmd.UseLine())
		}
		return nil
	}
}

// lookTasks completes a command that is about queues, or about tasks where a queue
// and perhaps a task are named.
func lookTasks(f *factory, k *oidcKind[*cloudtaskspb.Queue], o *oidcOptions, cmd *cobra.Command,
	do func(s *oidcSession[*cloudtaskspb.Queue], tasks taskClient, args []string) error,
) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t, err := o.at(f.defaults, k.regional)
		if err != nil {
			return err
		}
		return k.with(cmd.Context(), f, t, func(s *oidcSession[*cloudtaskspb.Queue]) error {
			tasks, err := tasksOf(s)
			if err != nil {
				return err
			}
			return do(s, tasks, args)
		})
	}
	o.register(cmd.Flags(), k.regional)
	return cmd
}

func newOIDCTasksList(f *factory, k *oidcKind[*cloudtaskspb.Queue]) *cobra.Command {
	var o oidcOptions
	var limit int
	cmd := &cobra.Command{
		Use: "list [QUEUE]", Short: "List the queues, or the tasks of one", Args: upTo(0, "QUEUE"),
		Example: "  authpipe oidc tasks list\n  authpipe oidc tasks list work -o json",
	}
	registerLimit(cmd, &limit)
	return lookTasks(f, k, &o, cmd, func(s *oidcSession[*cloudtaskspb.Queue], tasks taskClient, args []string) error {
		if limit < 1 {
			return usageErrorf("--limit %d: want at least 1", limit)
		}
		if len(args) == 0 {
			return s.listAll(cmd.Context(), limit, o.output)
		}
		all, err := tasks.ListTasks(cmd.Context(), k.name(s.target, args[0]), limit)
		if err != nil {
			return err
		}
		if o.output == jsonFormat {
			return printMessage(s.stdout, &cloudtaskspb.ListTasksResponse{Tasks: all})
		}
		if len(all) == 0 {
			s.say("no tasks in %s", args[0])
			return nil
		}
		return s.tableTasks(all)
	})
}

func newOIDCTasksGet(f *factory, k *oidcKind[*cloudtaskspb.Queue]) *cobra.Command {
	var o oidcOptions
	cmd := &cobra.Command{
		Use: "get QUEUE [TASK]", Short: "Show a queue, or a task in it", Args: upTo(1, "QUEUE", "TASK"),
		Example: "  authpipe oidc tasks get work\n  authpipe oidc tasks get work order-4711 -o json",
	}
	return lookTasks(f, k, &o, cmd, func(s *oidcSession[*cloudtaskspb.Queue], tasks taskClient, args []string) error {
		queue := k.name(s.target, args[0])
		if len(args) == 1 {
			m, err := s.Get(cmd.Context(), queue)
			if err != nil {
				return err
			}
			return s.show(m, o.output)
		}
		task, err := tasks.GetTask(cmd.Context(), queues.TaskName(queue, args[1]))
		if err != nil {
			return err
		}
		if o.output == jsonFormat {
			return printMessage(s.stdout, task)
		}
		return s.tableTasks([]*cloudtaskspb.Task{task})
	})
}

func newOIDCTasksDelete(f *factory, k *oidcKind[*cloudtaskspb.Queue]) *cobra.Command {
	var o oidcOptions
	var ignoreMissing bool
	cmd := &cobra.Command{
		Use: "delete QUEUE [TASK]", Short: "Delete a queue with its tasks, or one task", Args: upTo(1, "QUEUE", "TASK"),
		Long: "Deletes it without asking. A queue's name cannot be used again for some days at Google. With\n" +
			"-o json the document has its name and nothing else of it.",
		Example: "  authpipe oidc tasks delete work\n  authpipe oidc tasks delete work order-4711 --ignore-missing",
	}
	registerIgnoreMissing(cmd, &ignoreMissing)
	return lookTasks(f, k, &o, cmd, func(s *oidcSession[*cloudtaskspb.Queue], tasks taskClient, args []string) error {
		queue := k.name(s.target, args[0])
		if len(args) == 1 {
			return s.remove(queue, ignoreMissing, o.output, func(name string) error { return s.Delete(cmd.Context(), name) })
		}
		return s.remove(queues.TaskName(queue, args[1]), ignoreMissing, o.output, func(name string) error { return tasks.DeleteTask(cmd.Context(), name) })
	})
}

// tableTasks lists tasks for people.
func (f *factory) tableTasks(all []*cloudtaskspb.Task) error {
	rows := make([][]string, 0, len(all))
	for _, task := range all {
		last := "not tried yet"
		if a := task.GetLastAttempt(); a != nil {
			last = fmt.Sprintf("attempt %d: %s", task.GetDispatchCount(), a.GetResponseStatus().GetMessage())
		}
		rows = append(rows, []string{
			sender.ID(task.GetName()), task.GetScheduleTime().AsTime().Local().Format(time.DateTime), task.GetHttpRequest().GetUrl(), last,
		})
	}
	return f.printTable(rows)
}
