package tokeninfo

import (
	"context"
	"fmt"
	"time"

	"github.com/authcall/authcall/gate"
)

// Options are what a token is held to beside what it says itself.
type Options struct {
	// Audiences are those that the token must be for; empty takes any.
	Audiences []string
	// KeysURL is where the issuer's keys are; empty means where Google publishes
	// those of the token's kind. A foreign issuer is trusted only where its keys
	// are given.
	KeysURL string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Info is what there is to know of a token.
type Info struct {
	// Kind is what the token is.
	Kind Kind `json:"kind"`
	// Valid says whether the signature is the issuer's, the time is right and the
	// audience is one of those wanted.
	Valid bool `json:"valid"`
	// Reason is why it is not valid, in one word or two.
	Reason gate.Reason `json:"reason,omitempty"`
	// Detail tells the reason in full.
	Detail string `json:"detail,omitempty"`
	// AcceptedBy tells who takes the token, once it is valid.
	AcceptedBy []string `json:"accepted_by"`
	// Warnings tell why one of those may yet refuse it.
	Warnings []string `json:"warnings"`
	// Algorithm and KeyID are from the token's header.
	Algorithm string `json:"algorithm,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	// Claims is all that the token says. Nobody vouches for it unless it is valid.
	Claims map[string]any `json:"claims,omitempty"`
}

// Undecided tells that the token may be valid: the issuer's keys could not be had.
func (i Info) Undecided() bool { return i.Reason == gate.KeysUnavailable }

// Inspect looks into a token and verifies it. The error is one of the options.
func Inspect(ctx context.Context, token string, o Options) (Info, error) {
	said, err := decode(token)
	if err != nil {
		return undecodable(token), nil
	}
	kind := kindOf(said.claims)
	info := Info{
		Kind:       kind,
		Algorithm:  said.algorithm,
		KeyID:      said.keyID,
		Claims:     said.all,
		AcceptedBy: orEmpty(acceptors(kind, said.claims)),
		Warnings:   orEmpty(warnings(kind, said.claims)),
	}
	info.Reason, info.Detail, err = verify(ctx, token, kind, said.claims, o)
	if err != nil {
		return Info{}, err
	}
	info.Valid = info.Reason == ""
	return info, nil
}

// orEmpty makes JSON show an empty list as one.
func orEmpty(list []string) []string { return append([]string{}, list...) }

func undecodable(token string) Info {
	info := Info{Kind: opaque(token), Reason: gate.Malformed, AcceptedBy: []string{}, Warnings: []string{}}
	switch {
	case token == "":
		info.Reason, info.Detail = gate.Missing, "no token was given"
	case len(token) > maxTokenBytes:
		info.Reason, info.Detail = gate.TooLarge, fmt.Sprintf("it has %d bytes, want at most %d", len(token), maxTokenBytes)
	case info.Kind == AccessToken:
		info.Detail = "only Google can tell whose it is; its APIs accept it, services that want an ID token do not"
		info.AcceptedBy = []string{"Google's APIs"}
	default:
		info.Detail = "it is not a signed JWT in compact form"
	}
	return info
}
