package executor

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Artifact is one output artifact as the executor input describes it.
type Artifact struct {
	// Name is the runtime's own name for it, echoed as it is: on Vertex AI it is
	// a metadata resource name and must not change.
	Name string `json:"name"`
	// URI is where the runtime will look for the content.
	URI string `json:"uri"`
	// CustomPath is the local path, where the runtime names one beside the URI.
	CustomPath string `json:"customPath,omitempty"`
}

// mounts are the folders under which KFP runtimes mount object stores.
var mounts = map[string]string{"gs": "/gcs/", "s3": "/s3/", "minio": "/minio/", "oci": "/oci/"}

// Path is the local path of the artifact's content. An URI of a scheme that
// no runtime mounts is an error.
func (a Artifact) Path() (string, error) {
	if a.CustomPath != "" {
		return a.CustomPath, nil
	}
	scheme, rest, found := strings.Cut(a.URI, "://")
	if !found {
		if filepath.IsAbs(a.URI) {
			return a.URI, nil
		}
		return "", fmt.Errorf("artifact %q has the uri %q, want an absolute path or a gs:// uri", a.Name, a.URI)
	}
	mount, known := mounts[scheme]
	if !known {
		return "", fmt.Errorf("artifact %q has a uri of scheme %q, want gs, s3, minio or oci", a.Name, scheme)
	}
	return mount + rest, nil
}
