package localgcp

import (
	"net/http"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// storagePaths are the prefixes at which clients of Cloud Storage call.
func storagePaths() []string {
	return []string{"/storage/", "/upload/storage/", "/download/storage/", "/batch/storage/", "/b/"}
}

// refuseStorage answers every call to Cloud Storage with 403: buckets are local
// directories here. Clients that look at the bucket of a pipeline root before
// they submit take this for a bucket that they may not see, and go on.
func refuseStorage(w http.ResponseWriter, _ *http.Request) {
	const message = "Buckets of the local Google are directories; there is no Cloud Storage API."
	apierror.WriteJSON(w, http.StatusForbidden, map[string]any{"error": map[string]any{
		"code":    http.StatusForbidden,
		"message": message,
		"errors":  []any{map[string]string{"message": message, "domain": "global", "reason": "forbidden"}},
	}})
}
