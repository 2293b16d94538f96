package auth

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/api/googleapi"
)

func FuzzRefusal(f *testing.F) {
	f.Add(403, `{"error":{"code":403,"message":"m","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","metadata":{"permission":"p"}}]}}`)
	f.Add(500, "<html>")
	f.Add(429, `{"error":[]}`)
	f.Add(404, `{"error":{"details":[null,{"@type":7}]}}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		response := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
		err := googleapi.CheckResponse(response)
		if err == nil {
			return
		}
		refused := refusal(err)
		if refused == nil || strings.ContainsAny(refused.Error(), "\n\r") {
			t.Errorf("refusal of status %d = %v, want one line", status, refused)
		}
	})
}
