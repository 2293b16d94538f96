package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// mint gets a fresh credential in the way that the kind and the ambient
// identity allow.
func (s *Source) mint(ctx context.Context) (Credential, error) {
	if err := s.findAmbient(ctx); err != nil {
		return Credential{}, err
	}
	own := s.options.ServiceAccount == ""
	switch {
	case own && s.options.Kind == AccessToken:
		return s.ambientToken(ctx)
	case own && s.options.Kind == IDToken && s.ambient.identity != nil:
		credential, err := s.ownIdentity(ctx)
		if !errors.Is(err, errNoIdentity) {
			return credential, err
		}
		s.options.Log.Info().Msgf("%v; asking the IAM Credentials API instead", err)
	}
	return s.fromIAM(ctx)
}

func (s *Source) findAmbient(ctx context.Context) error {
	if s.ambient != nil {
		return nil
	}
	ambient, err := FindAmbient(ctx, &http.Client{Transport: s.options.Transport})
	if err != nil {
		return err
	}
	s.options.Log.Debug().Msgf("ambient credentials: %s", ambient.Origin)
	s.ambient = ambient
	return nil
}

func (s *Source) ambientToken(ctx context.Context) (Credential, error) {
	token, err := s.ambient.Token(ctx)
	if err != nil {
		return Credential{}, err
	}
	email, err := s.ambient.Email(ctx)
	// The library that holds the token refreshes it itself: never cache it here.
	return Credential{Kind: AccessToken, Token: token, CalledAs: email}, err
}

// ownIdentity has the ambient credentials mint their account's ID token by
// themselves, as a metadata server or a key does.
func (s *Source) ownIdentity(ctx context.Context) (Credential, error) {
	token, err := await(ctx, s.ambient, func(ctx context.Context) (string, error) {
		return s.ambient.identity(ctx, s.options.Audience)
	})
	if err != nil {
		if errors.Is(err, errNoIdentity) {
			return Credential{}, err
		}
		return Credential{}, s.ambient.describe(err)
	}
	exp, err := expiry(token)
	if err != nil {
		return Credential{}, err
	}
	email, err := s.ambient.Email(ctx)
	s.options.Log.Info().Msgf("ID token of %s from %s", email, s.ambient.Origin)
	return Credential{Kind: IDToken, Token: Secret(token), Expiry: exp, CalledAs: email}, err
}

// fromIAM asks the IAM Credentials API. Without a service account the ambient
// one asks for a token of its own.
func (s *Source) fromIAM(ctx context.Context) (Credential, error) {
	account, err := s.account(ctx)
	if err != nil {
		return Credential{}, err
	}
	delegates, err := s.connect(ctx)
	if err != nil {
		return Credential{}, err
	}
	credential := Credential{Kind: s.options.Kind, CalledAs: account}
	ask, op := s.iam.idToken, "mint an ID token"
	switch s.options.Kind {
	case IAPJWT:
		ask, op = s.iam.signedJWT, "sign a JWT"
	case AccessToken:
		ask, op = s.iam.accessToken, "mint an access token"
	}
	credential.Token, credential.Expiry, err = ask(ctx, account, s.options.Audience, delegates)
	if err == nil {
		s.options.Log.Info().Msgf("%s of %s from the IAM Credentials API, asked with %s", credential.Kind, account, s.iam.asker.Origin)
	}
	return credential, refusedTo(err, op, account, s.options.Audience, delegates)
}

// connect sets up the IAM Credentials API under the identity that may ask for
// the account, and gives the chain to it.
func (s *Source) connect(ctx context.Context) ([]string, error) {
	asker, delegates := s.ambient, s.options.Delegates
	if s.options.ServiceAccount == "" && s.ambient.self != nil {
		asker, delegates = s.ambient.self.ambient, s.ambient.self.delegates
	}
	if s.iam != nil {
		return delegates, nil
	}
	var err error
	s.iam, err = newIAM(ctx, asker, s.options)
	return delegates, err
}

func (s *Source) account(ctx context.Context) (string, error) {
	if s.options.ServiceAccount != "" {
		return s.options.ServiceAccount, nil
	}
	email, err := s.ambient.Email(ctx)
	if err == nil && !strings.HasSuffix(email, ".gserviceaccount.com") {
		err = &NoCredentialsError{Err: fmt.Errorf("%w (%s); service_account must name one", ErrNoAccount, s.ambient.Origin)}
	}
	return email, err
}

// refusedTo adds to a refusal by the IAM Credentials API what was asked for.
func refusedTo(err error, op, account, audience string, delegates []string) error {
	var refused *Error
	if errors.As(err, &refused) && refused.Op == "" {
		refused.Op, refused.Account, refused.Audience, refused.Delegates = op, account, audience, delegates
	}
	return err
}
