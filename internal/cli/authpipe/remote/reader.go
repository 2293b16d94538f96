package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

const (
	// MaxBytes is how large a file may be.
	MaxBytes = 10 << 20
	// timeout bounds a whole reading.
	timeout = 30 * time.Second
	// maxRedirects is how many redirects are followed.
	maxRedirects = 5
)

// Reader reads files.
type Reader struct {
	// HTTP sends the requests; its own rule for redirects is not used.
	HTTP *http.Client
	// Token returns the caller's access token. It is called only where Google is
	// asked.
	Token func(context.Context) (*oauth2.Token, error)
	// Emulator is what STORAGE_EMULATOR_HOST says, a host or a URL: it stands in
	// for Cloud Storage and gets no token, as with Google's own libraries.
	Emulator string
}

// Read reads the file. The error is that of Token, or an *Error.
func (r Reader) Read(ctx context.Context, l Location) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %v", timeout))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.address(r.Emulator), nil)
	if err != nil {
		return nil, &Error{Location: l, Err: withoutURL(err)}
	}
	if err := r.authorize(ctx, request, l); err != nil {
		return nil, err
	}
	answer, err := r.client().Do(request)
	if err != nil {
		return nil, &Error{Location: l, Err: reason(ctx, err)}
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	if answer.StatusCode != http.StatusOK {
		return nil, refusal(l, answer)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, MaxBytes+1))
	switch {
	case err != nil:
		return nil, &Error{Location: l, Err: reason(ctx, err)}
	case len(data) > MaxBytes:
		return nil, &Error{Location: l, Err: fmt.Errorf("it is larger than %d bytes", MaxBytes)}
	}
	return data, nil
}

// authorize adds the token where Google is asked, and nobody else.
func (r Reader) authorize(ctx context.Context, request *http.Request, l Location) error {
	if l.Kind == Web || l.Kind == Storage && r.Emulator != "" {
		return nil
	}
	token, err := r.Token(ctx)
	if err != nil {
		return err
	}
	token.SetAuthHeader(request)
	return nil
}

// client follows redirects to HTTPS alone, and takes along neither the token nor
// the URL that it was redirected from.
func (r Reader) client() *http.Client {
	client := *r.HTTP
	client.CheckRedirect = func(to *http.Request, via []*http.Request) error {
		switch {
		case len(via) > maxRedirects:
			return fmt.Errorf("more than %d redirects", maxRedirects)
		case to.URL.Scheme != "https":
			return fmt.Errorf("redirected to %s://, want https://", to.URL.Scheme)
		}
		to.Header.Del("Authorization")
		to.Header.Del("Referer")
		return nil
	}
	return &client
}

// reason is why nothing came back.
func reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return withoutURL(err)
}

// withoutURL takes the URL out of an error, for its query may be secret.
func withoutURL(err error) error {
	if of, ok := errors.AsType[*url.Error](err); ok {
		return of.Err
	}
	return err
}
