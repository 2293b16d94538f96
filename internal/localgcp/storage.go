package localgcp

import (
	"net/http"
	"os"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// addStorage serves what clients of Cloud Storage read; buckets are directories
// below the state directory. As clients send no credential to what stands in for
// Cloud Storage, it asks for none.
func (s *Server) addStorage(mux *http.ServeMux) {
	mux.HandleFunc("GET /storage/v1/b/{bucket}/o/{object}", s.readObject)
	for _, prefix := range []string{"/storage/", "/upload/storage/", "/download/storage/", "/batch/storage/", "/b/"} {
		mux.HandleFunc(prefix, refuseStorage)
	}
}

// readObject answers with an object's content.
func (s *Server) readObject(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("alt") != "media" {
		refuseStorage(w, r)
		return
	}
	name := r.PathValue("bucket") + "/" + r.PathValue("object")
	data, err := os.ReadFile(s.state.local("gs://" + name))
	if err != nil { // a directory, too, is no object
		storageError(w, http.StatusNotFound, "notFound", "No such object: "+name)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(data)
}

// refuseStorage answers every other call with 403. Clients that look at the
// bucket of a pipeline root before they submit take this for a bucket that they
// may not see, and go on.
func refuseStorage(w http.ResponseWriter, _ *http.Request) {
	storageError(w, http.StatusForbidden, "forbidden", "Buckets of the local Google are directories, of which clients may read objects alone.")
}

func storageError(w http.ResponseWriter, code int, reason, message string) {
	apierror.WriteJSON(w, code, map[string]any{"error": map[string]any{
		"code":    code,
		"message": message,
		"errors":  []any{map[string]string{"message": message, "domain": "global", "reason": reason}},
	}})
}
