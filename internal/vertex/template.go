package vertex

import (
	"context"
	"errors"

	"cloud.google.com/go/aiplatform/apiv1/aiplatformpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// Template is what many runs of one pipeline have in common, checked and encoded
// once.
type Template struct {
	submission  Submission
	displayName string
	spec        *structpb.Struct
}

// Run is what tells one run of a template from the others.
type Run struct {
	// JobID is the id of the run; JobIDFor makes one that is fit.
	JobID string
	// Parameters are the values of the pipeline's parameters, as in Submission.
	Parameters map[string]any
	// Labels are kept with the run, as in Submission.
	Labels map[string]string
}

// NewTemplate checks a submission but for its JobID, Parameters and Labels, which
// each run brings. The error is an *Error of kind Invalid.
func NewTemplate(s Submission) (*Template, error) {
	if err := s.check(); err != nil {
		return nil, invalid(err)
	}
	if s.Spec == nil {
		return nil, invalid(errNoSpec())
	}
	t, err := s.template()
	if err != nil {
		return nil, invalid(err)
	}
	return t, nil
}

// template encodes the spec.
func (s Submission) template() (*Template, error) {
	spec, err := encodeSpec(s.Spec)
	if err != nil {
		return nil, err
	}
	name := s.DisplayName
	if name == "" {
		name = spec.GetFields()["pipelineInfo"].GetStructValue().GetFields()["name"].GetStringValue()
	}
	return &Template{submission: s, displayName: name, spec: spec}, nil
}

// Request checks what a run brings and returns the request to send, which shares
// the spec with all others and must not be changed. The error is an *Error of kind
// Invalid.
func (t *Template) Request(r Run) (*aiplatformpb.CreatePipelineJobRequest, error) {
	if err := r.check(t.submission.Spec); err != nil {
		return nil, invalid(err)
	}
	return t.request(r)
}

func (r Run) check(spec Spec) error {
	if err := errors.Join(checkJobID(r.JobID), CheckLabels(r.Labels)); err != nil {
		return err
	}
	return spec.CheckParameters(r.Parameters)
}

// request is Request for a run that has been checked.
func (t *Template) request(r Run) (*aiplatformpb.CreatePipelineJobRequest, error) {
	values, err := parameterValues(r.Parameters)
	if err != nil {
		return nil, invalid(err)
	}
	return &aiplatformpb.CreatePipelineJobRequest{
		Parent:        t.submission.Parent(),
		PipelineJobId: r.JobID,
		PipelineJob: &aiplatformpb.PipelineJob{
			DisplayName:    t.displayName,
			PipelineSpec:   t.spec,
			Labels:         r.Labels,
			ServiceAccount: t.submission.ServiceAccount,
			RuntimeConfig: &aiplatformpb.PipelineJob_RuntimeConfig{
				GcsOutputDirectory: t.submission.PipelineRoot,
				ParameterValues:    values,
			},
		},
	}, nil
}

// Submit starts a run of the template, as Submit does: once, however often it is
// tried. The error is an *Error, or the context's.
func (t *Template) Submit(ctx context.Context, c Creator, r Run) (*aiplatformpb.PipelineJob, error) {
	req, err := t.Request(r)
	if err != nil {
		return nil, err
	}
	return create(ctx, c, req)
}
