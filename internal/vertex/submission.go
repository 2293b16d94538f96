package vertex

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
)

// Spec is a compiled pipeline, as far as a submission needs to know it.
type Spec interface {
	// JSON is the pipeline spec, schema version 2.1.0.
	JSON() ([]byte, error)
	// CheckParameters tells whether the values fit the declared parameters.
	CheckParameters(values map[string]any) error
}

// Submission is one run to be.
type Submission struct {
	// Project is the id or the number of the project that the run belongs to.
	Project string
	// Location is the region of the run, as in us-central1.
	Location string
	// Spec is the pipeline to run.
	Spec Spec
	// Parameters are the values of the pipeline's parameters, typed as declared;
	// those with a default may be left out.
	Parameters map[string]any
	// PipelineRoot is the gs:// folder under which the run's artifacts are kept;
	// the run makes a folder of its own there.
	PipelineRoot string
	// ServiceAccount is the email of the account that the steps run as. It is
	// required: steps under Vertex AI's own default account get tokens that the
	// IAM Credentials API refuses.
	ServiceAccount string
	// JobID is the id of the run; NewJobID makes one that is fit.
	JobID string
	// DisplayName is the name shown to people, at most 128 characters; empty
	// means the pipeline's name.
	DisplayName string
	// Labels are kept with the run; see the limits at CheckLabels.
	Labels map[string]string
}

// Parent is the resource name that runs are made under.
func (s Submission) Parent() string {
	return "projects/" + s.Project + "/locations/" + s.Location
}

// Request checks the submission, all of it, and returns the request to send.
// The error is an *Error of kind Invalid.
func (s Submission) Request() (*aiplatformpb.CreatePipelineJobRequest, error) {
	r := Run{JobID: s.JobID, Parameters: s.Parameters, Labels: s.Labels}
	if err := errors.Join(s.check(), checkJobID(r.JobID), CheckLabels(r.Labels)); err != nil {
		return nil, invalid(err)
	}
	if s.Spec == nil {
		return nil, invalid(errNoSpec())
	}
	if err := s.Spec.CheckParameters(r.Parameters); err != nil {
		return nil, invalid(err)
	}
	t, err := s.template()
	if err != nil {
		return nil, invalid(err)
	}
	return t.request(r)
}

func errNoSpec() error { return errors.New("no pipeline spec given") }

func encodeSpec(s Spec) (*structpb.Struct, error) {
	data, err := s.JSON()
	if err != nil {
		return nil, fmt.Errorf("encoding the pipeline spec: %w", err)
	}
	spec := new(structpb.Struct)
	if err := protojson.Unmarshal(data, spec); err != nil {
		return nil, fmt.Errorf("encoding the pipeline spec: %w", err)
	}
	return spec, nil
}

// parameterValues encodes the values by way of JSON, for structpb takes only a
// few of Go's types.
func parameterValues(values map[string]any) (map[string]*structpb.Value, error) {
	encoded := make(map[string]*structpb.Value, len(values))
	for name, value := range values {
		if text, ok := value.(string); ok && utf8.ValidString(text) {
			encoded[name] = structpb.NewStringValue(text) // as most are
			continue
		}
		data, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encoding parameter %q: %w", name, err)
		}
		encoded[name] = new(structpb.Value)
		if err := protojson.Unmarshal(data, encoded[name]); err != nil {
			return nil, fmt.Errorf("encoding parameter %q: %w", name, err)
		}
	}
	return encoded, nil
}

func invalid(err error) error {
	return &Error{Kind: Invalid, Message: err.Error(), Err: err}
}
