package apifront_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apierror"
	"github.com/authcall/authcall/internal/localgcp/apifront"
	"github.com/authcall/authcall/internal/localgcp/iam"
)

// callers knows three tokens.
type callers struct{}

func (callers) Authenticate(bearer string) (iam.Principal, error) {
	switch bearer {
	case "good":
		return iam.Principal{Email: "caller@example.com", Scopes: []string{iam.CloudPlatform}}, nil
	case "narrow":
		return iam.Principal{Email: "caller@example.com", Scopes: []string{"narrow"}}, nil
	case "old":
		return iam.Principal{}, iam.ErrExpiredToken
	}
	return iam.Principal{}, iam.ErrInvalidToken
}

func answerCaller(p iam.Principal, _ *http.Request) (any, error) {
	return map[string]string{"caller": p.Email}, nil
}

// call makes one call and returns its status and the reason of its refusal.
func call(t *testing.T, f *apifront.Front, m apifront.Method, authorization ...string) (status int, reason string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header["Authorization"] = authorization
	w := httptest.NewRecorder()
	f.Handle("google.test.v1.Tests.Run", m)(w, r)
	var answer struct {
		Caller string
		Error  struct{ Details []struct{ Reason string } }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if w.Code == http.StatusOK && answer.Caller == "" {
		t.Error("the method did not learn who calls")
	}
	for _, d := range answer.Error.Details[:min(1, len(answer.Error.Details))] {
		reason = d.Reason
	}
	return w.Code, reason
}

func TestFront(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		authorization []string
		front         *apifront.Front
		want          int
		reason        string
	}{
		{name: "good token", authorization: []string{"Bearer good"}, want: 200},
		{name: "no token", want: 401, reason: "CREDENTIALS_MISSING"},
		{name: "another scheme", authorization: []string{"Basic good"}, want: 401, reason: "CREDENTIALS_MISSING"},
		{name: "foreign token", authorization: []string{"Bearer x"}, want: 401, reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED"},
		{name: "two headers", authorization: []string{"Bearer good", "Bearer good"}, want: 401, reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED"},
		{name: "old token", authorization: []string{"Bearer old"}, want: 401, reason: "ACCESS_TOKEN_EXPIRED"},
		{name: "scopes that do not do", authorization: []string{"Bearer narrow"}, want: 403, reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		{name: "a scope of the API's own", authorization: []string{"Bearer narrow"}, front: &apifront.Front{Scopes: []string{"narrow"}}, want: 200},
		{name: "disabled", authorization: []string{"Bearer good"}, front: &apifront.Front{Disabled: true}, want: 403, reason: "SERVICE_DISABLED"},
		{name: "disabled, to a stranger", authorization: []string{"Bearer x"}, front: &apifront.Front{Disabled: true}, want: 401, reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED"},
		{name: "fault of the quota", authorization: []string{"Bearer good"}, front: &apifront.Front{Faults: apifront.NewFaults(apifront.Fault{Code: 429})}, want: 429, reason: "RATE_LIMIT_EXCEEDED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.front == nil {
				tt.front = &apifront.Front{}
			}
			tt.front.Callers = callers{}
			status, reason := call(t, tt.front, answerCaller, tt.authorization...)
			if status != tt.want || reason != tt.reason {
				t.Errorf("got %d %s, want %d %s", status, reason, tt.want, tt.reason)
			}
		})
	}
}

func TestEnable(t *testing.T) {
	t.Parallel()
	front := &apifront.Front{Callers: callers{}, Disabled: true}
	front.Enable()
	if status, reason := call(t, front, answerCaller, "Bearer good"); status != 200 {
		t.Errorf("got %d %s, want 200", status, reason)
	}
}

func TestErrorsOfMethods(t *testing.T) {
	t.Parallel()
	for want, err := range map[int]error{404: apierror.NotFound("gone"), 500: errors.New("broken")} {
		failing := func(iam.Principal, *http.Request) (any, error) { return nil, err }
		if got, _ := call(t, &apifront.Front{Callers: callers{}}, failing, "Bearer good"); got != want {
			t.Errorf("%v: got %d, want %d", err, got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults []apifront.Fault
		want   []int
	}{
		{"none", nil, []int{200, 200}},
		{"once", []apifront.Fault{{Code: 503, Times: 1}}, []int{503, 200, 200}},
		{"twice", []apifront.Fault{{Code: 503, Times: 2, RetryAfter: time.Second}}, []int{503, 503, 200}},
		{"always", []apifront.Fault{{Code: 500}}, []int{500, 500, 500, 500}},
		{"one after the other", []apifront.Fault{{Code: 503, Times: 1}, {Code: 429, Times: 1}}, []int{503, 429, 200}},
		{"of this method", []apifront.Fault{{Method: "run", Code: 503, Times: 1}}, []int{503, 200}},
		{"of another method", []apifront.Fault{{Method: "walk", Code: 503}}, []int{200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			front := &apifront.Front{Callers: callers{}, Faults: apifront.NewFaults(tt.faults...)}
			for i, want := range tt.want {
				if got, _ := call(t, front, answerCaller, "Bearer good"); got != want {
					t.Errorf("call %d: got %d, want %d", i+1, got, want)
				}
			}
		})
	}
}

func TestQuotaProject(t *testing.T) {
	t.Parallel()
	mine := func(_ iam.Principal, project string) bool { return project == "mine" }
	tests := []struct {
		name, project string
		mayUse        func(iam.Principal, string) bool
		want          int
	}{
		{"none", "", nil, 200},
		{"one that the caller may use", "mine", mine, 200},
		{"one that the caller may not use", "theirs", mine, 403},
		{"any, where nobody may", "mine", nil, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			front := &apifront.Front{Callers: callers{}, MayUse: tt.mayUse}
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("Authorization", "Bearer good")
			if tt.project != "" {
				r.Header.Set("X-Goog-User-Project", tt.project)
			}
			w := httptest.NewRecorder()
			front.Handle("method", answerCaller)(w, r)
			if w.Code != tt.want || (tt.want == 403) != strings.Contains(w.Body.String(), "USER_PROJECT_DENIED") {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, tt.want)
			}
		})
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	for shape, want := range map[apifront.Shape]string{
		apifront.OlderDenial:   "",
		apifront.Perimeter:     "SECURITY_POLICY_VIOLATED",
		apifront.TenantProject: "-tp",
	} {
		front := &apifront.Front{Callers: callers{}, Faults: apifront.NewFaults(apifront.Fault{Shape: shape})}
		if status, _ := call(t, front, answerCaller, "Bearer good"); status != 403 {
			t.Errorf("%s: got %d, want 403", shape, status)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Authorization", "Bearer good")
		front.Handle("method", answerCaller)(w, r)
		if !strings.Contains(w.Body.String(), want) || want == "" && strings.Contains(w.Body.String(), "details") {
			t.Errorf("%s: got %s, want the reason %q", shape, w.Body, want)
		}
	}
}

func TestPass(t *testing.T) {
	t.Parallel()
	front := &apifront.Front{Callers: callers{}}
	handler := front.Pass("method", func(w http.ResponseWriter, _ *http.Request, caller iam.Principal) {
		_, _ = w.Write([]byte(caller.Email))
	})
	for authorization, want := range map[string]int{"Bearer good": 200, "Bearer bad": 401} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		handler(w, r)
		if w.Code != want || want == 200 && w.Body.String() == "" {
			t.Errorf("%s: got %d %q, want %d", authorization, w.Code, w.Body, want)
		}
	}
}
