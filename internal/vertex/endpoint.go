package vertex

import (
	"fmt"

	"github.com/authcall/authcall/internal/gapi"
)

// Endpoint returns the host:port of the service: the given one, or the regional
// one of Vertex AI. The global host knows no pipeline jobs.
func Endpoint(location, given string) (string, error) {
	if given == "" {
		if err := CheckLocation(location); err != nil {
			return "", err
		}
		return location + "-aiplatform.googleapis.com:443", nil
	}
	address, err := gapi.Endpoint(given)
	if err != nil {
		return "", fmt.Errorf("invalid Vertex AI endpoint: %w", err)
	}
	return address, nil
}
