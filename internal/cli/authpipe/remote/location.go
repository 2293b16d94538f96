package remote

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Kind says whose file it is, which decides who may get a token.
type Kind int

// The kinds of Location.
const (
	// Web is any HTTPS server; it gets no token.
	Web Kind = iota
	// Storage is an object in Cloud Storage.
	Storage
	// Registry is a pipeline in a repository of Artifact Registry.
	Registry
)

// Location is where a file lies.
type Location struct {
	// Kind says whose file it is.
	Kind Kind
	// Bucket and Object are set for Storage.
	Bucket, Object string

	// url is asked for the file, for every kind but Storage.
	url *url.URL
}

// registryHost is the host of Artifact Registry's KFP repositories in a region.
var registryHost = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*-kfp\.pkg\.dev$`) })

// IsURL tells whether a name is a URL rather than a file's path.
func IsURL(name string) bool { return strings.Contains(name, "://") }

// Parse reads a gs:// or https:// URL.
func Parse(text string) (Location, error) {
	if rest, ok := strings.CutPrefix(text, "gs://"); ok {
		bucket, object, _ := strings.Cut(rest, "/")
		if bucket == "" || object == "" {
			return Location{}, fmt.Errorf("want gs://BUCKET/OBJECT, got %q", text)
		}
		return Location{Kind: Storage, Bucket: bucket, Object: object}, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return Location{}, errors.New("invalid URL") // its error would show the URL, secrets and all
	case u.Scheme != "https":
		return Location{}, fmt.Errorf("want gs:// or https://, got %s://", u.Scheme)
	case u.Host == "":
		return Location{}, errors.New("the URL has no host")
	case u.User != nil:
		return Location{}, errors.New("the URL holds a user name: give none")
	}
	l := Location{Kind: Web, url: u}
	if registryHost().MatchString(u.Host) {
		l.Kind = Registry
	}
	return l, nil
}

// String is the URL without its query, which may be a signature that opens the
// file.
func (l Location) String() string {
	if l.Kind == Storage {
		return "gs://" + l.Bucket + "/" + l.Object
	}
	return l.url.Scheme + "://" + l.url.Host + l.url.EscapedPath()
}

// storageHost serves Cloud Storage's JSON API.
const storageHost = "https://storage.googleapis.com"

// address is what is asked for the file.
func (l Location) address(emulator string) string {
	if l.Kind != Storage {
		return l.url.String()
	}
	base := cmp.Or(emulator, storageHost)
	if !IsURL(base) {
		base = "http://" + base
	}
	return strings.TrimSuffix(base, "/") + "/storage/v1/b/" + url.PathEscape(l.Bucket) + "/o/" + url.PathEscape(l.Object) + "?alt=media"
}
