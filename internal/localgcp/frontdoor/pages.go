package frontdoor

import (
	"fmt"
	"html"
	"net/http"
)

// page is an error page of Google's front end. Its text holds the path.
type page struct {
	status      int
	title, text string
}

var (
	unauthorized = page{http.StatusUnauthorized, "Unauthorized", "Your client does not have permission to the requested URL <code>%s</code>."}
	forbidden    = page{http.StatusForbidden, "Forbidden", "Your client does not have permission to get URL <code>%s</code> from this server."}
	notFound     = page{http.StatusNotFound, "Page not found", "The requested URL <code>%s</code> was not found on this server."}
)

const pageLayout = `<html><head>
<meta http-equiv="content-type" content="text/html;charset=utf-8">
<title>%d %s</title>
</head>
<body text=#000000 bgcolor=#ffffff>
<h1>Error: %s</h1>
<h2>%s</h2>
<h2></h2>
</body></html>
`

func writePage(w http.ResponseWriter, p page, path string) {
	text := fmt.Sprintf(p.text, html.EscapeString(path))
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.Header().Set("Server", "Google Frontend")
	w.WriteHeader(p.status)
	_, _ = fmt.Fprintf(w, pageLayout, p.status, p.title, p.title, text)
}
