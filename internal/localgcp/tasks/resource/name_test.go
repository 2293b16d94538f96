package resource_test

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/authcall/authcall/internal/localgcp/tasks/resource"
)

const queueName = "projects/local-project/locations/us-central1/queues/my-queue"

func TestParseQueue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"plain", queueName, true},
		{"project with a domain", "projects/example.com:Mine/locations/us-central1/queues/A-1", true},
		{"longest", strings.Replace(queueName, "my-queue", strings.Repeat("q", 100), 1), true},
		{"too long", strings.Replace(queueName, "my-queue", strings.Repeat("q", 101), 1), false},
		{"no id", strings.TrimSuffix(queueName, "my-queue"), false},
		{"underscore", strings.Replace(queueName, "-queue", "_queue", 1), false},
		{"path", strings.Replace(queueName, "my-queue", "../../x", 1), false},
		{"other collection", strings.Replace(queueName, "queues", "jobs", 1), false},
		{"no location", "projects/local-project/queues/my-queue", false},
		{"task", queueName + "/tasks/t", false},
		{"empty", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := resource.ParseQueue(tt.text)
			if tt.ok {
				if err != nil || got.String() != tt.text {
					t.Errorf("got %q, %v, want it back", got, err)
				}
				return
			}
			const want = `Queue name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>".`
			if s := status.Convert(err); s.Code() != codes.InvalidArgument || s.Message() != want || !linked(s) {
				t.Errorf("got %v, want the API's sentence, with a link", err)
			}
		})
	}
}

func linked(s *status.Status) bool {
	for _, d := range s.Details() {
		if help, ok := d.(*errdetails.Help); ok && strings.HasPrefix(help.GetLinks()[0].GetUrl(), "https://cloud.google.com/tasks/docs/reference/rest/v2/") {
			return true
		}
	}
	return false
}

func TestParseTask(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
	}{
		{"plain", queueName + "/tasks/a_B-9", ""},
		{"longest", queueName + "/tasks/" + strings.Repeat("t", 500), ""},
		{"too long", queueName + "/tasks/" + strings.Repeat("t", 501), "Task ID must between 1 and 500 characters."},
		{"spaces", queueName + "/tasks/not a valid id", `Task ID "not a valid id" can contain only letters`},
		{"no id", queueName + "/tasks/", `Task ID "" can contain only`},
		{"no task", queueName, "Task name must be formatted: "},
		{"bad queue", "projects/p/queues/q/tasks/t", "Task name must be formatted: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := resource.ParseTask(tt.text)
			if tt.want == "" {
				if err != nil || got.String() != tt.text {
					t.Errorf("got %q, %v, want it back", got, err)
				}
				return
			}
			if s := status.Convert(err); s.Code() != codes.InvalidArgument || !strings.Contains(s.Message(), tt.want) {
				t.Errorf("got %v, want an invalid argument with %q", err, tt.want)
			}
		})
	}
}

func TestParseLocation(t *testing.T) {
	t.Parallel()
	const name = "projects/local-project/locations/us-central1"
	if got, err := resource.ParseLocation(name); err != nil || got.String() != name {
		t.Errorf("got %q, %v, want it back", got, err)
	}
	for _, text := range []string{"", "projects/p", "projects//locations/l", name + "/", "projects/p q/locations/l"} {
		if _, err := resource.ParseLocation(text); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%q: got %v, want an invalid argument", text, err)
		}
	}
}

// What is taken for a name is that name and no other.
func FuzzParseTask(f *testing.F) {
	f.Add(queueName + "/tasks/t")
	f.Add(queueName + "/tasks/../x")
	f.Add("projects/p/locations/l/queues/q/tasks/t/tasks/u")
	f.Add("projects/é/locations/l/queues/q/tasks/t")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := resource.ParseTask(text)
		if err != nil {
			return
		}
		if name.String() != text || strings.Count(text, "/") != 7 {
			t.Errorf("%q was read as %q", text, name)
		}
	})
}
