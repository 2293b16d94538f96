package apifront_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/localgcp/apifront"
)

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"name":"x"}`, `{"name":1}`, `{"other":1}`, `{}{}`, `[`, "null", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var into struct {
			Name string `json:"name"`
		}
		err := apifront.Decode(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)), &into)
		if err != nil && !strings.HasPrefix(err.Error(), "400 INVALID_ARGUMENT: Invalid JSON payload received.") {
			t.Fatalf("%q: got %v", body, err)
		}
	})
}

func TestDecodeStopsAtAMegabyte(t *testing.T) {
	t.Parallel()
	var into struct {
		Name string `json:"name"`
	}
	body := `{"name":"` + strings.Repeat("x", 1<<20) + `"}`
	if err := apifront.Decode(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)), &into); err == nil {
		t.Error("got no error")
	}
}
