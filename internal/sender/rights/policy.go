package rights

import (
	"slices"
	"strings"
)

// policy is what is read of a policy, whichever API it comes from.
type policy struct {
	Bindings []struct {
		Role      string
		Members   []string
		Condition *struct{ Title string }
	}
}

// verdict is what a policy says of a member and a right.
type verdict struct {
	held bool
	// perhaps says what may give the right and cannot be seen through.
	perhaps string
}

// judge looks for the member among those who have one of the roles.
func (p policy) judge(member string, roles []string) verdict {
	var v verdict
	for _, b := range p.Bindings {
		known, custom := slices.Contains(roles, b.Role), !strings.HasPrefix(b.Role, "roles/")
		if !known && !custom {
			continue
		}
		for _, m := range b.Members {
			switch listed := isMember(m, member); {
			case listed && known && b.Condition == nil:
				return verdict{held: true}
			case listed && known:
				v.perhaps = b.Role + " under a condition"
			case listed:
				v.perhaps = "the custom role " + b.Role
			case known && isGroup(m):
				v.perhaps = b.Role + " for " + m
			}
		}
	}
	return v
}

func isMember(listed, member string) bool {
	return listed == member || listed == "allUsers" || listed == "allAuthenticatedUsers"
}

// isGroup tells whether a member of a policy stands for many, the account perhaps
// among them.
func isGroup(member string) bool {
	return strings.HasPrefix(member, "group:") || strings.HasPrefix(member, "principalSet:")
}
