package rights

import "github.com/authcall/authcall/internal/sender"

// DeadLetters are where a subscription puts what it cannot deliver. Both are
// resource names.
type DeadLetters struct{ Topic, Subscription string }

// deadLetters are the rights of Pub/Sub's agent to move a message. Without them the
// subscription goes on with it.
func (s Setup) deadLetters() []Need {
	need := func(name string, on Resource, role string) Need {
		return Need{
			Name:    s.API.Title + " may " + name + ", for dead letters",
			Binding: Binding{on, role, s.API.Agent(s.ProjectNumber)},
			roles:   []string{role, "roles/pubsub.editor", "roles/pubsub.admin", "roles/editor", owner},
			above:   projectsOf(on), blind: s.numberless, optional: true,
		}
	}
	return []Need{
		need("publish to "+sender.ID(s.DeadLetters.Topic), messaging(Topic, s.DeadLetters.Topic), "roles/pubsub.publisher"),
		need("acknowledge for "+sender.ID(s.DeadLetters.Subscription), messaging(Subscription, s.DeadLetters.Subscription), "roles/pubsub.subscriber"),
	}
}
