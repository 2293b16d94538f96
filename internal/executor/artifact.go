package executor

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Artifact is one input or output artifact as the executor input describes it.
type Artifact struct {
	// Name is the runtime's own name for it, echoed as it is: on Vertex AI it is
	// a metadata resource name and must not change.
	Name string `json:"name"`
	// URI is where the runtime has the content, or will look for it.
	URI string `json:"uri"`
	// CustomPath is the local path, where the runtime names one beside the URI.
	CustomPath string `json:"customPath,omitempty"`
	// Metadata is what is known of the content beside it.
	Metadata map[string]any `json:"metadata,omitempty"`
}

// mounts are the folders under which KFP runtimes mount object stores.
func mounts() map[string]string {
	return map[string]string{"gs": "gcs", "s3": "s3", "minio": "minio", "oci": "oci"}
}

// Path is the local path of the artifact's content; root is the folder under
// which the runtime mounts object stores, "/" on all that exist.
func (a Artifact) Path(root string) (string, error) {
	if a.CustomPath != "" {
		return a.CustomPath, nil
	}
	path, err := Path(root, a.URI)
	if err == nil && !filepath.IsAbs(path) {
		err = fmt.Errorf("uri is %q, want an absolute path or a gs:// uri", a.URI)
	}
	if err != nil {
		return "", fmt.Errorf("artifact %q: %w", a.Name, err)
	}
	return path, nil
}

// Path is the local path that an uri of an object store is mounted at; what
// has no scheme is a path already. A scheme that no runtime mounts is an error.
func Path(root, uri string) (string, error) {
	scheme, rest, found := strings.Cut(uri, "://")
	if !found {
		return uri, nil
	}
	mount, known := mounts()[scheme]
	if !known {
		return "", fmt.Errorf("uri has the scheme %q, want gs, s3, minio or oci", scheme)
	}
	return filepath.Join(root, mount, rest), nil
}
