package frontdoor

import (
	"net/http"
	"strings"
)

// AtPath puts the door of a function at the path that its URL has, and answers all
// else as the front end does for a function that does not exist. The application
// sees what comes after the path: that is for its own handler to be wrapped with
// http.StripPrefix.
func AtPath(path string, door http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path && !strings.HasPrefix(r.URL.Path, path+"/") {
			writePage(w, notFound, r.URL.Path)
			return
		}
		door.ServeHTTP(w, r)
	})
}
