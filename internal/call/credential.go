package call

import (
	"context"
	"io"
	"net/http"
)

// Authorizer puts a credential on a request. With renew set, the one that it
// gave before was refused and must be replaced; it returns false where there
// is nothing to renew.
type Authorizer interface {
	Authorize(ctx context.Context, header http.Header, renew bool) (bool, error)
}

// credentialTransport adds the credential. A 401 means that the credential may
// be stale, so one fresh one is tried; a service that answers 401 has done
// nothing, so trying again is safe for any method.
type credentialTransport struct {
	authorizer Authorizer
	next       http.RoundTripper
}

func (t *credentialTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.try(r, false)
	if err != nil || answer.StatusCode != http.StatusUnauthorized || r.Context().Err() != nil {
		return answer, err
	}
	again, err := rewound(r)
	if err != nil {
		return answer, nil //nolint:nilerr // the body cannot be sent twice: the 401 is the answer
	}
	renewed, err := t.try(again, true)
	if renewed == nil && err == nil {
		return answer, nil
	}
	discard(answer)
	return renewed, err
}

// try sends the request with a credential; it returns nothing where a renewal
// was wanted and there is none.
func (t *credentialTransport) try(r *http.Request, renew bool) (*http.Response, error) {
	r = r.Clone(r.Context())
	ok, err := t.authorizer.Authorize(r.Context(), r.Header, renew)
	if err != nil || !ok {
		return nil, err
	}
	return t.next.RoundTrip(r)
}

// rewound is the request with its body at the start again.
func rewound(r *http.Request) (*http.Request, error) {
	again := r.Clone(r.Context())
	if r.Body == nil || r.Body == http.NoBody {
		return again, nil
	}
	if r.GetBody == nil {
		return nil, errNoRewind
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	again.Body = body
	return again, nil
}

// discard reads a little of an answer that nobody wants, so that its
// connection can be used again.
func discard(answer *http.Response) {
	const enough = 4 << 10
	_, _ = io.CopyN(io.Discard, answer.Body, enough) // the answer is thrown away, so are its errors
	_ = answer.Body.Close()
}
