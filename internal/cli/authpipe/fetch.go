package authpipe

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/authcall/authcall/internal/cli/authpipe/remote"
	"github.com/authcall/authcall/internal/gapi"
	"github.com/authcall/authcall/internal/vertex"
)

// fetch reads a pipeline from a URL, as the caller where Google is asked.
func (f *factory) fetch(ctx context.Context, url string) ([]byte, error) {
	location, err := remote.Parse(url)
	if err != nil {
		return nil, usageErrorf("reading the pipeline: %w", err)
	}
	var credentials *google.Credentials
	reader := remote.Reader{HTTP: f.http, Emulator: f.defaults.StorageEmulator, Token: func(ctx context.Context) (*oauth2.Token, error) {
		var err error
		if credentials, err = f.credentials(ctx, ""); err != nil {
			return nil, withCure(err, cureCredentials)
		}
		token, err := credentials.TokenSource.Token()
		if err != nil {
			return nil, withCure(&vertex.Error{Kind: vertex.Credentials, Op: "getting an access token", Message: err.Error(), Err: err}, cureCredentials)
		}
		return token, nil
	}}
	data, err := reader.Read(ctx, location)
	if failure, ok := errors.AsType[*remote.Error](err); ok {
		who := gapi.Principal(ctx, credentials)
		return nil, withCure(fmt.Errorf("%w%s", err, as(who)), f.cureFetch(failure, who))
	}
	return data, err
}

// cureFetch is what mends a reading that failed, "" where nothing is known to.
func (f *factory) cureFetch(e *remote.Error, who string) string {
	switch {
	case e.Location.Kind == remote.Storage && f.defaults.StorageEmulator != "":
		return "check STORAGE_EMULATOR_HOST, which stands in for Cloud Storage and names " + f.defaults.StorageEmulator
	case e.Status == http.StatusUnauthorized && e.Location.Kind != remote.Web:
		return cureCredentials
	case !e.Denied():
		return ""
	case e.Location.Kind == remote.Storage:
		return fmt.Sprintf("gcloud storage buckets add-iam-policy-binding gs://%s --member=%s --role=roles/storage.objectViewer", e.Location.Bucket, member(who))
	case e.Location.Kind == remote.Registry:
		return "grant " + member(who) + " roles/artifactregistry.reader on the repository"
	default:
		return "this server was shown no credentials: download the file, or read it from gs:// where it lies in Cloud Storage"
	}
}
