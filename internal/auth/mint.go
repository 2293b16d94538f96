package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// mint gets a fresh credential in the way that the kind and the ambient
// identity allow.
func (s *Source) mint(ctx context.Context) (Credential, error) {
	if err := s.findAmbient(ctx); err != nil {
		return Credential{}, err
	}
	switch o := s.options; {
	case o.Kind == AccessToken && o.ServiceAccount == "":
		return s.ambientToken(ctx)
	case o.Kind == Auto && o.ServiceAccount == "" && s.ambient.onMetadata:
		credential, err := s.fromMetadata(ctx)
		if !errors.Is(err, errNoIdentity) {
			return credential, err
		}
		o.Log.Info().Msgf("%v; asking the IAM Credentials API instead", err)
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

func (s *Source) fromMetadata(ctx context.Context) (Credential, error) {
	token, err := metadataIdentity(ctx, s.options.Audience)
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
	s.options.Log.Info().Msgf("ID token of %s from the metadata server", email)
	return Credential{Kind: IDToken, Token: Secret(token), Expiry: exp, CalledAs: email}, err
}

// fromIAM asks the IAM Credentials API. Without a service account the ambient
// one asks for a token of its own.
func (s *Source) fromIAM(ctx context.Context) (Credential, error) {
	account, err := s.account(ctx)
	if err != nil {
		return Credential{}, err
	}
	if s.iam == nil {
		if s.iam, err = newIAM(ctx, s.ambient, s.options); err != nil {
			return Credential{}, err
		}
	}
	credential := Credential{CalledAs: account}
	o := s.options
	var op string
	switch o.Kind {
	case IAPJWT:
		op, credential.Kind = "sign a JWT", IAPJWT
		credential.Token, credential.Expiry, err = s.iam.signedJWT(ctx, account, o.Audience, o.Delegates)
	case AccessToken:
		op, credential.Kind = "mint an access token", AccessToken
		credential.Token, credential.Expiry, err = s.iam.accessToken(ctx, account, o.Delegates)
	default:
		op, credential.Kind = "mint an ID token", IDToken
		credential.Token, credential.Expiry, err = s.iam.idToken(ctx, account, o.Audience, o.Delegates)
	}
	return credential, refusedTo(err, op, account, o.Audience)
}

func (s *Source) account(ctx context.Context) (string, error) {
	if s.options.ServiceAccount != "" {
		return s.options.ServiceAccount, nil
	}
	email, err := s.ambient.Email(ctx)
	if err == nil && email == "" {
		err = &NoCredentialsError{Err: fmt.Errorf("%s names no service account, so service_account must", s.ambient.Origin)}
	}
	return email, err
}

// refusedTo adds to a refusal by the IAM Credentials API what was asked for.
func refusedTo(err error, op, account, audience string) error {
	var refused *Error
	if errors.As(err, &refused) && refused.Op == "" {
		refused.Op, refused.Account, refused.Audience = op, account, audience
	}
	return err
}
