package iam_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authcall/authcall/internal/localgcp/iam"
)

func TestAccessToken(t *testing.T) {
	t.Parallel()
	clock := start
	d := newDirectory(t, iam.Config{Now: func() time.Time { return clock }})
	token, expires, err := d.AccessToken(lookup(t, d, pipeline), []string{iam.CloudPlatform, "openid"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if !expires.Equal(start.Add(time.Hour)) {
		t.Errorf("got end %s, want %s", expires, start.Add(time.Hour))
	}
	if !strings.HasPrefix(token, "ya29.") || strings.Count(token, ".") != 1 {
		t.Error("the token looks like a JWT, want ya29. and no further dot")
	}
	got, err := d.Authenticate(token)
	if err != nil {
		t.Fatal(err)
	}
	want := lookup(t, d, pipeline)
	want.Scopes = []string{iam.CloudPlatform, "openid"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
	if !got.HasScope("x", "openid") || got.HasScope("x") {
		t.Errorf("HasScope does not go by the scopes %q", got.Scopes)
	}
	clock = expires
	if _, err := d.Authenticate(token); !errors.Is(err, iam.ErrExpiredToken) {
		t.Errorf("when its time is over: got %v, want %v", err, iam.ErrExpiredToken)
	}
}

func TestTokensOfAnotherDirectory(t *testing.T) {
	t.Parallel()
	ours := newDirectory(t, iam.Config{})
	otherSecret := newDirectory(t, iam.Config{Secret: []byte(strings.Repeat("x", 32))})
	morePeople := newDirectory(t, iam.Config{Users: []string{"gone@example.com"}})
	tests := []struct {
		name string
		from *iam.Directory
		who  string
	}{
		{"signed with another secret", otherSecret, pipeline},
		{"of a principal that is gone", morePeople, "gone@example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token, _, err := tt.from.AccessToken(lookup(t, tt.from, tt.who), nil, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ours.Authenticate(token); !errors.Is(err, iam.ErrInvalidToken) {
				t.Errorf("got %v, want %v", err, iam.ErrInvalidToken)
			}
		})
	}
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, iam.Config{})
	refresh, err := d.RefreshToken(lookup(t, d, developer))
	if err != nil {
		t.Fatal(err)
	}
	access, _, err := d.AccessToken(lookup(t, d, developer), nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := d.Refresh(refresh); err != nil || p.Email != developer {
		t.Errorf("got %s, %v, want %s", p.Email, err, developer)
	}
	swapped := []struct {
		name string
		use  func() (iam.Principal, error)
	}{
		{"access token to refresh", func() (iam.Principal, error) { return d.Refresh(access) }},
		{"refresh token to authenticate", func() (iam.Principal, error) { return d.Authenticate(refresh) }},
		{"refresh token dressed up", func() (iam.Principal, error) {
			return d.Authenticate("ya29." + strings.TrimPrefix(refresh, "1//"))
		}},
	}
	for _, tt := range swapped {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := tt.use(); !errors.Is(err, iam.ErrInvalidToken) {
				t.Errorf("got %v, want %v", err, iam.ErrInvalidToken)
			}
		})
	}
}

func FuzzAuthenticate(f *testing.F) {
	d := newDirectory(f, iam.Config{Now: func() time.Time { return start }})
	valid, _, err := d.AccessToken(lookup(f, d, pipeline), nil, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "ya29.", "ya29.x", valid, valid[:len(valid)-1], "1//" + valid[5:], "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		p, err := d.Authenticate(token)
		if err == nil && token != valid {
			t.Fatalf("%q was taken for %s", token, p.Email)
		}
		if err != nil && !errors.Is(err, iam.ErrInvalidToken) && !errors.Is(err, iam.ErrExpiredToken) {
			t.Fatalf("got error %v of no kind", err)
		}
	})
}
