package component

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/exitcode"
)

func TestAnAnswerThatDoesNotFit(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `hello`)
	}))
	defer server.Close()
	for name, options := range map[string]map[string]string{
		"success":    {"success": ".body.ok"},
		"result":     {"result": ".body.id"},
		"poll_until": {"poll_until": ".body.done"},
		"next_page":  {"next_page": ".body.next"},
		"long":       {"result": `"x" * 100000`},
	} {
		options["url"] = server.URL
		_, _, err := do(t, testPolicy(t), options)
		finding := Explain(err)
		if finding.Code != exitcode.Failed || !strings.Contains(finding.Cause, "POST "+server.URL+" without a credential: 200 OK: ") || finding.Cure == "" {
			t.Errorf("%s: Explain = %+v, want what was answered, and exit code 1", name, finding)
		}
	}
}

func TestAnExpressionThatOutlastsTheCall(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	_, _, err := do(t, testPolicy(t), map[string]string{"url": server.URL, "timeout_seconds": "1", "result": "def f: f; f"})
	if finding := Explain(err); finding.Code != exitcode.Unreachable || !strings.Contains(finding.Cause, "the time ran out") || strings.Contains(finding.Cause, "credential") {
		t.Errorf("Explain = %+v, want that the time for the call ran out", finding)
	}
}

func TestPagesBecomeJSONLines(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("page") {
		case "":
			_, _ = fmt.Fprintf(w, "{\n \"n\": 1, \"next\": \"?page=2\"}")
		case "2":
			_, _ = fmt.Fprintf(w, `{"n": 2, "next": %q}`, server.URL+"/?page=3")
		case "3":
			_, _ = io.WriteString(w, `{"n": 3, "next": null}`)
		case "away":
			_, _ = io.WriteString(w, `{"next": "https://elsewhere.example/"}`)
		case "loop":
			_, _ = io.WriteString(w, `{"next": "?page=loop"}`)
		case "number":
			_, _ = io.WriteString(w, `{"next": 7}`)
		case "last":
			_, _ = io.WriteString(w, `{"next": "?page=gone"}`)
		case "text":
			_, _ = io.WriteString(w, `hello`)
		default:
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer server.Close()
	cases := []struct {
		name, query, want, wantErr string
		success                    bool
	}{
		{name: "three", want: `{"n":1,"next":"?page=2"}` + "\n" + `{"n":2,"next":"` + server.URL + `/?page=3"}` + "\n" + `{"n":3,"next":null}` + "\n", success: true},
		{name: "another origin", query: "?page=away", wantErr: "next_page: the service names a URL at https://elsewhere.example"},
		{name: "circle", query: "?page=loop", wantErr: "leads back to"},
		{name: "not a URL", query: "?page=number", wantErr: "next_page gives a number, want a URL or null"},
		{name: "not JSON", query: "?page=text", wantErr: "page 1: the body is not JSON"},
		{name: "no success", query: "?page=gone"},
		{name: "no success after a page", query: "?page=last", want: `{"next":"?page=gone"}` + "\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome, body, err := do(t, testPolicy(t), map[string]string{"url": server.URL + "/" + c.query, "method": "GET", "next_page": ".body.next?"})
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) || Explain(err).Code != exitcode.Failed {
					t.Errorf("error = %v, want %q as what the service answered", err, c.wantErr)
				}
				return
			}
			digest := fmt.Sprintf("%x", sha256.Sum256([]byte(c.want)))
			if err != nil || outcome.Success != c.success || body != c.want || outcome.Answer.Bytes != int64(len(c.want)) || outcome.Answer.SHA256 != digest {
				t.Errorf("outcome %+v with body %q, %v; want %q and its digest", outcome, body, err, c.want)
			}
		})
	}
}
