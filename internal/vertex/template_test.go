package vertex

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
)

// A template's request is the one that a submission of the same makes.
func TestTemplateRequest(t *testing.T) {
	t.Parallel()
	s := validSubmission()
	s.Labels = map[string]string{"team": "a"}
	want, err := s.Request()
	if err != nil {
		t.Fatal(err)
	}
	shared := s
	shared.JobID, shared.Parameters, shared.Labels = "", nil, nil
	template, err := NewTemplate(shared)
	if err != nil {
		t.Fatal(err)
	}
	run := Run{JobID: s.JobID, Parameters: s.Parameters, Labels: s.Labels}
	got, err := template.Request(run)
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, want) {
		t.Errorf("request = %v, want %v", got, want)
	}
	for name, c := range map[string]struct {
		change  func(*Run)
		wantErr string
	}{
		"job id":    {func(r *Run) { r.JobID = "Job" }, "invalid job id"},
		"label":     {func(r *Run) { r.Labels = map[string]string{"Team": "a"} }, "invalid label key"},
		"parameter": {func(r *Run) { r.Parameters = map[string]any{"url": make(chan int)} }, "encoding parameter"},
	} {
		wrong := run
		c.change(&wrong)
		if _, err := template.Request(wrong); !IsKind(err, Invalid) || !strings.Contains(err.Error(), c.wantErr) {
			t.Errorf("%s: got %v, want %q", name, err, c.wantErr)
		}
	}
}

func TestTemplateChecksTheParametersOfEachRun(t *testing.T) {
	t.Parallel()
	s := validSubmission()
	s.Spec = testSpec{json: `{}`, checkErr: errors.New("no parameter x")}
	template, err := NewTemplate(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := template.Request(Run{JobID: "job"}); !IsKind(err, Invalid) || err.Error() != "no parameter x" {
		t.Errorf("got %v, want the spec's own error", err)
	}
}

func TestTemplateRefusesWhatAllItsRunsWouldShare(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Submission){
		"account": func(s *Submission) { s.ServiceAccount = "me" },
		"root":    func(s *Submission) { s.PipelineRoot = "here" },
		"spec":    func(s *Submission) { s.Spec = nil },
	} {
		s := validSubmission()
		change(&s)
		if _, err := NewTemplate(s); !IsKind(err, Invalid) {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
}

func TestJobIDFor(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, key := range map[string][]string{
		"one": {"a", "b"}, "in one part": {"ab"}, "cut elsewhere": {"", "ab"}, "in another order": {"b", "a"},
		"with a length in it": {"1:a1:b"}, "none": nil, "an empty one": {""},
	} {
		id := JobIDFor("nightly", key...)
		if again := JobIDFor("nightly", key...); again != id {
			t.Errorf("%s: %q and then %q", name, id, again)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%s and %s are both %q", name, other, id)
		}
		seen[id] = name
	}
	for _, pipeline := range []string{"nightly", "", "9 Lives", strings.Repeat("long-", 60), strings.Repeat("ü", 200)} {
		if id := JobIDFor(pipeline, "key"); checkJobID(id) != nil {
			t.Errorf("JobIDFor(%q) = %q, which is no job id", pipeline, id)
		}
	}
}
