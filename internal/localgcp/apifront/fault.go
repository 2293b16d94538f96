package apifront

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/authcall/authcall/internal/localgcp/apierror"
)

// Fault fails calls on purpose.
type Fault struct {
	// Method is the method whose calls fail, such as generateIdToken, in any
	// case; empty means all.
	Method string
	// Code is the HTTP status of the answer.
	Code int
	// Times is how many calls fail; 0 means all.
	Times int
	// RetryAfter is sent with the answer, in whole seconds; 0 sends none.
	RetryAfter time.Duration
	// Shape is the form of the answer; empty means the usual one of the code.
	Shape Shape
}

// Shape is a form of error that has its own words.
type Shape string

// The shapes.
const (
	// OlderDenial is a 403 that does not say which permission is missing.
	OlderDenial Shape = "older-denial"
	// Perimeter is the 403 of VPC Service Controls.
	Perimeter Shape = "perimeter"
	// TenantProject is the 403 of an API that is off where the call is counted: in
	// the project that Vertex AI keeps for its own machines.
	TenantProject Shape = "tenant-project"
)

// Shapes lists the shapes.
func Shapes() []Shape { return []Shape{OlderDenial, Perimeter, TenantProject} }

// Faults counts down the faults of one API.
type Faults struct {
	mu   sync.Mutex
	left []*fault
}

type fault struct {
	Fault
	used int
}

// NewFaults orders the faults; each call takes the first that fits.
func NewFaults(ordered ...Fault) *Faults {
	f := &Faults{}
	for _, o := range ordered {
		f.left = append(f.left, &fault{Fault: o})
	}
	return f
}

func (f *Faults) next(method string) error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.left {
		if o.fits(method) {
			o.used++
			return o.answer()
		}
	}
	return nil
}

func (f *fault) fits(method string) bool {
	short := method[strings.LastIndexByte(method, '.')+1:]
	return (f.Method == "" || strings.EqualFold(f.Method, short)) && (f.Times == 0 || f.used < f.Times)
}

func (f *fault) answer() error {
	switch f.Shape {
	case OlderDenial:
		return &apierror.Error{Code: http.StatusForbidden, Message: "The caller does not have permission"}
	case Perimeter:
		return apierror.Prohibited()
	case TenantProject:
		return apierror.ServiceDisabled("IAM Service Account Credentials API", "iamcredentials.googleapis.com", "a1b2c3d4e5f6-tp")
	}
	e := &apierror.Error{Code: f.Code, Message: "The request failed because a fault was ordered.", RetryAfter: f.RetryAfter}
	switch f.Code {
	case http.StatusTooManyRequests:
		e.Message = "Quota exceeded for quota metric 'Generate credential requests' and limit 'Generate credential requests per minute'."
		e.Details = []any{apierror.Info("RATE_LIMIT_EXCEEDED", "googleapis.com", nil)}
	case http.StatusUnauthorized:
		return apierror.CredentialsInvalid("ACCESS_TOKEN_EXPIRED", "", "")
	case http.StatusServiceUnavailable:
		e.Message = "The service is currently unavailable."
	}
	return e
}
