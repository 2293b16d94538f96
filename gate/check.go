package gate

import (
	"slices"
	"time"
)

// check holds the claims of a token whose signature is good to the policy.
func (p Policy) check(c wireClaims) error {
	if !slices.Contains(p.Issuers, c.Issuer) {
		return refuse(Issuer, "got %.100q, want one of %q", c.Issuer, p.Issuers)
	}
	if !p.accepts(c.Audience) {
		return refuse(Audience, "got %.200q, want one of %q", []string(c.Audience), p.Audiences)
	}
	if err := p.checkTime(c); err != nil {
		return err
	}
	return p.checkCaller(c)
}

// accepts wants every audience of the token to be ours: whoever else it was
// meant for could otherwise send it on to us.
func (p Policy) accepts(audiences []string) bool {
	foreign := func(a string) bool { return !slices.Contains(p.Audiences, a) }
	return len(audiences) > 0 && !slices.ContainsFunc(audiences, foreign)
}

func (p Policy) checkTime(c wireClaims) error {
	now := p.Now()
	if end := c.Expiry.Time(); !now.Before(end.Add(p.Leeway)) {
		return refuse(Expired, "it ended %s ago", now.Sub(end).Round(time.Second))
	}
	start := c.IssuedAt.Time()
	if c.NotBefore != nil && c.NotBefore.Time().After(start) {
		start = c.NotBefore.Time()
	}
	if now.Add(p.Leeway).Before(start) {
		return refuse(NotYetValid, "it starts in %s", start.Sub(now).Round(time.Second))
	}
	return nil
}

func (p Policy) checkCaller(c wireClaims) error {
	if c.Email != "" && !c.vouched() {
		return refuse(EmailNotVerified, "%.100q", c.Email)
	}
	if len(p.Emails)+len(p.Subjects)+len(p.Domains) == 0 ||
		slices.Contains(p.Emails, c.Email) ||
		slices.Contains(p.Subjects, c.Subject) ||
		slices.Contains(p.Domains, c.domain()) {
		return nil
	}
	return refuse(CallerNotAllowed, "email %.100q, subject %.100q, domain %.100q: on none of the lists", c.Email, c.Subject, c.domain())
}
