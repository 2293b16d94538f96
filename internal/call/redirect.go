package call

import (
	"fmt"
	"net/http"
)

// maxRedirects is where browsers and curl's users draw the line, roughly.
const maxRedirects = 10

// redirects decides on each redirect. One that is not followed is the answer.
func redirects(follow bool) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		first := via[0]
		if !follow || !SameOrigin(next.URL, first.URL) || next.Method != first.Method {
			return http.ErrUseLastResponse
		}
		if len(via) > maxRedirects {
			return &PolicyError{Problem: fmt.Sprintf("redirected more than %d times", maxRedirects)}
		}
		return nil
	}
}

// locationTransport drops a Location that is no URL. An http.Client would take it
// for an error and quote it; here the redirect is an answer as any other.
type locationTransport struct{ next http.RoundTripper }

func (t *locationTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if _, err := r.URL.Parse(answer.Header.Get("Location")); err != nil {
		answer.Header.Del("Location")
	}
	return answer, nil
}
