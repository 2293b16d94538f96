package localgcp

import (
	"github.com/authcall/authcall/internal/localgcp/scheduler"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// openScheduler starts Cloud Scheduler, which calls its targets from then on.
func (s *Server) openScheduler() (rpcServer, error) {
	o := scheduler.Options{
		Dir:     s.claimed("scheduler"),
		Clock:   s.clock,
		Policy:  s.directory,
		Agent:   s.agent(serviceagent.Scheduler),
		Deliver: s.deliver,
		Log:     s.log,
	}
	for _, other := range s.rpcServers {
		if publisher, ok := other.(scheduler.Publisher); ok {
			o.Publisher = publisher
		}
	}
	return scheduler.New(o)
}
