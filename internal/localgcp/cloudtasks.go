package localgcp

import (
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
	"github.com/authcall/authcall/internal/localgcp/tasks"
)

// openTasks starts Cloud Tasks, which sends the tasks that are due from then on.
func (s *Server) openTasks() (rpcServer, error) {
	return tasks.New(tasks.Options{
		Dir:     s.claimed("tasks"),
		Clock:   s.clock,
		Policy:  s.directory,
		Agent:   s.agent(serviceagent.Tasks),
		Deliver: s.deliver,
		Project: s.config.Project,
		Number:  s.config.ProjectNumber,
		Log:     s.log,
	})
}
