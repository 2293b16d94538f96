package localgcp

import (
	"github.com/authcall/authcall/internal/localgcp/pubsub"
	"github.com/authcall/authcall/internal/localgcp/serviceagent"
)

// openPubSub starts Pub/Sub, which pushes from then on.
func (s *Server) openPubSub() (rpcServer, error) {
	return pubsub.New(pubsub.Options{
		Dir:     s.claimed("pubsub"),
		Clock:   s.clock,
		Policy:  s.directory,
		Agent:   s.agent(serviceagent.PubSub),
		Deliver: s.deliver,
		Log:     s.log,
	})
}
