package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/api/googleapi"
)

// DefaultEndpoint is where Google serves a secret version, in the universe of a
// domain: a regional secret is served in its region alone.
func DefaultEndpoint(universe, name string) string {
	if place := region(name); place != "" {
		return "https://secretmanager." + place + ".rep." + universe + "/"
	}
	return "https://secretmanager." + universe + "/"
}

// region is the location of a secret version, "" where it is global.
func region(name string) string {
	_, rest, regional := strings.Cut(name, "/locations/")
	if !regional {
		return ""
	}
	place, _, _ := strings.Cut(rest, "/")
	return place
}

// maxBytes is above the 64 KiB that a version may have, in base64 and framed.
const maxBytes = 128 << 10

// versionName is the form of a secret version's resource name, global or
// regional.
const versionName = `^projects/[\w:.-]+(/locations/[\w-]+)?/secrets/[\w-]+/versions/[\w-]+$`

// CheckName says whether a name is one of a secret version.
func CheckName(name string) error {
	if !regexp.MustCompile(versionName).MatchString(name) {
		return fmt.Errorf("%q is no secret version, want projects/PROJECT/secrets/SECRET/versions/VERSION", name)
	}
	return nil
}

// Client reads secrets with the ambient identity.
type Client struct {
	// HTTP sends the ambient credential with each request.
	HTTP *http.Client
	// Endpoint is the API's base URL.
	Endpoint string
}

// Access returns the payload of a version. A refusal is a *googleapi.Error.
func (c Client) Access(ctx context.Context, name string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.Endpoint, "/")+"/v1/"+name+":access", nil)
	if err != nil {
		return nil, err
	}
	response, err := c.HTTP.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // read below
	if err := googleapi.CheckResponse(response); err != nil {
		return nil, err
	}
	return payload(response.Body)
}

func payload(answer io.Reader) ([]byte, error) {
	var version struct {
		Payload struct {
			Data   []byte `json:"data"`
			CRC32C string `json:"dataCrc32c"`
		} `json:"payload"`
	}
	if err := json.NewDecoder(io.LimitReader(answer, maxBytes)).Decode(&version); err != nil {
		return nil, errors.New("the answer is not a secret version")
	}
	p := version.Payload
	sum := crc32.Checksum(p.Data, crc32.MakeTable(crc32.Castagnoli))
	if p.CRC32C != "" && p.CRC32C != strconv.FormatUint(uint64(sum), 10) {
		return nil, errors.New("the secret was damaged on its way: its checksum differs")
	}
	return p.Data, nil
}
