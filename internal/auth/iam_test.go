package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestABusyAPIIsAskedAgain(t *testing.T) {
	g := reset(t)
	g.set("generateIdToken", times(3, status(503, `{"error":{"code":503}}`), jsonOf(map[string]string{"token": newJWT(t, time.Hour)})))
	if _, err := newSource(g, Options{Kind: IDToken, ServiceAccount: caller}).Credential(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestABusyTokenEndpointIsAskedAgain(t *testing.T) {
	g := reset(t)
	g.set("token", times(3, status(503, "Busy"), jsonOf(map[string]any{"access_token": "ya29.user", "expires_in": 3599, "token_type": "Bearer"})))
	setADC(t, userFile(g))
	if _, err := newSource(g, Options{Kind: IDToken, ServiceAccount: caller}).Credential(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAMetadataServerThatHangsIsGivenUp(t *testing.T) {
	g := reset(t)
	patience, giveUp := context.WithCancelCause(t.Context())
	released := make(chan struct{})
	// Patience ends once the server was asked: a question that is still on its
	// way would reach it in another test.
	g.set("token", func(http.ResponseWriter, *http.Request) {
		giveUp(errSilent)
		<-released
	})
	defer close(released)
	s := newSource(g, Options{Kind: IDToken, ServiceAccount: caller})
	ambient, err := FindAmbient(t.Context(), http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	waits := 0
	ambient.patient = func(context.Context) (context.Context, context.CancelFunc) {
		waits++
		return patience, func() {}
	}
	s.ambient = ambient
	_, err = s.Credential(t.Context())
	var gone *UnreachableError
	if !errors.As(err, &gone) || !strings.Contains(err.Error(), "metadata server at 127.0.0.1") {
		t.Errorf("error = %v, want an *UnreachableError that names the server", err)
	}
	if waits != 1 {
		t.Errorf("waited for it %d times, want once", waits)
	}
}
