package authpipe

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/sender"
)

// What a plan is to do.
const (
	actionCreate    = "create"
	actionUpdate    = "update"
	actionUnchanged = "unchanged"
)

// plan is what is to be done for what is there to become what is wanted.
type plan[M proto.Message] struct {
	Name    string          `json:"name"`
	Action  string          `json:"action"`
	Changes []sender.Change `json:"changes"`

	have, want M
	// refused says why it is not to be done.
	refused error
}

func (s *oidcSession[M]) plan(o setUpOptions, name string, have M, exists bool, settings oidcSettings[M]) (plan[M], error) {
	kind, blank := s.kind.kind, s.kind.blank(name)
	base := blank
	if o.update {
		base = have
	}
	want, err := settings.Apply(base)
	if err != nil {
		return plan[M]{}, usageErrorf("%w", err)
	}
	if err := o.checkTarget(settings.calls(want), s.target); err != nil {
		return plan[M]{}, err
	}
	p := plan[M]{Name: name, Action: actionCreate, have: have, want: want, Changes: []sender.Change{}}
	if !exists {
		p.Changes = append(p.Changes, sender.Diff(blank, want)...)
		return p, nil
	}
	p.Action = actionUpdate
	if p.Changes = append(p.Changes, kind.Changes(have, want)...); len(p.Changes) == 0 {
		p.Action = actionUnchanged
		return p, nil
	}
	p.refused = s.refusal(o, p)
	return p, nil
}

// refusal says why what is there is not changed.
func (s *oidcSession[M]) refusal(o setUpOptions, p plan[M]) error {
	fixed := s.kind.kind.Immutable(p.Changes)
	remake := fmt.Sprintf("authpipe oidc %s delete %s, and create it again", s.kind.command, o.id)
	switch {
	case o.update && len(fixed) > 0:
		return withCure(&gapi.Error{Kind: gapi.Rejected, Op: "updating " + p.Name, Message: "no update can change " + strings.Join(fixed, ", ")}, remake)
	case o.update:
		return nil
	case len(fixed) == 0:
		remake = fmt.Sprintf("authpipe oidc %s update %s with the same flags", s.kind.command, o.id)
	}
	return withCure(&gapi.Error{Kind: gapi.Exists, Op: "creating " + p.Name, Message: "it is there with other settings: " + sender.Describe(p.Changes)}, remake)
}

// printPlan prints what would change.
func (s *oidcSession[M]) printPlan(p plan[M], output format) error {
	if output == jsonFormat {
		return printJSON(s.stdout, p)
	}
	switch p.Action {
	case actionUnchanged:
		s.say("%s is unchanged", sender.ID(p.Name))
	case actionCreate:
		s.say("%s would be created:", sender.ID(p.Name))
	default:
		s.say("%s would be updated:", sender.ID(p.Name))
	}
	for _, c := range p.Changes {
		s.say("  %s", c)
	}
	return nil
}
