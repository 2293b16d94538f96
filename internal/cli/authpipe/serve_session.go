package authpipe

import (
	"context"
	"net/http"
	"sync"
	"time"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"github.com/googleapis/gax-go/v2"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// lastingSession is a session for a program that runs for long: where its token is not
// taken any more, although its time is not over, it gets another one, once a call.
type lastingSession struct {
	*session
	tokens *freshTokens
}

// openLasting is open for a program that runs for long.
func (f *factory) openLasting(ctx context.Context, t target) (*lastingSession, error) {
	find := func() (oauth2.TokenSource, error) {
		credentials, err := f.credentials(context.WithoutCancel(ctx), t.credentialsFile)
		if err != nil {
			return nil, err
		}
		return credentials.TokenSource, nil
	}
	tokens := &freshTokens{find: find}
	lasting := *f
	lasting.credentials = func(ctx context.Context, file string) (*google.Credentials, error) {
		credentials, err := f.credentials(ctx, file)
		if err == nil {
			tokens.source, credentials.TokenSource = credentials.TokenSource, tokens
		}
		return credentials, err
	}
	s, err := lasting.open(ctx, t)
	if err != nil {
		return nil, err
	}
	return &lastingSession{session: s, tokens: tokens}, nil
}

// CreatePipelineJob implements vertex.Creator.
func (s *lastingSession) CreatePipelineJob(ctx context.Context, req *aiplatformpb.CreatePipelineJobRequest, opts ...gax.CallOption) (*aiplatformpb.PipelineJob, error) {
	_, used := s.tokens.current()
	job, err := s.session.CreatePipelineJob(ctx, req, opts...)
	if status.Code(err) == codes.Unauthenticated && s.tokens.forget(used) {
		return s.session.CreatePipelineJob(ctx, req, opts...)
	}
	return job, err
}

// freshTokens are those of credentials that can be found anew, for the libraries keep
// a token until its time is over.
type freshTokens struct {
	find func() (oauth2.TokenSource, error)

	mu     sync.Mutex
	source oauth2.TokenSource
	found  int // how many times
}

// current are the tokens, and which ones they are.
func (t *freshTokens) current() (source oauth2.TokenSource, which int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.source, t.found
}

// Token implements oauth2.TokenSource.
func (t *freshTokens) Token() (*oauth2.Token, error) {
	source, _ := t.current()
	return source.Token()
}

// forget finds the credentials anew, unless somebody has done so since these were
// current. It is false where there are none.
func (t *freshTokens) forget(used int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.found != used {
		return true
	}
	source, err := t.find()
	if err != nil {
		return false
	}
	t.source = source
	t.found++
	return true
}

// localPatience is for a local Google on a machine that has much to do: without its
// time, all tokens look as if they were from the future once it is ahead.
const localPatience = 10 * time.Second

// localTime is the time of a local Google, which can be ahead of the machine's, by the
// date of its answers; the machine's where it does not answer.
func (f *factory) localTime(ctx context.Context, endpoint string) func() time.Time {
	return func() time.Time {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), localPatience)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodHead, endpoint, http.NoBody)
		if err != nil {
			return f.now()
		}
		answer, err := f.http.Do(request)
		if err != nil {
			return f.now()
		}
		defer func() { _ = answer.Body.Close() }() // a HEAD has none
		date, err := http.ParseTime(answer.Header.Get("Date"))
		if err != nil {
			return f.now()
		}
		return date
	}
}
