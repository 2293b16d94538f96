package vertex

import (
	"fmt"
	"net/url"
	"strings"
)

// RunName is what the resource name of a run is made of.
type RunName struct{ Project, Location, ID string }

// ParseRunName takes a resource name apart, which has the form
// projects/PROJECT/locations/LOCATION/pipelineJobs/ID.
func ParseRunName(name string) (RunName, error) {
	parts := strings.Split(name, "/")
	if len(parts) != 6 || parts[0] != "projects" || parts[2] != "locations" || parts[4] != "pipelineJobs" {
		return RunName{}, fmt.Errorf("want projects/PROJECT/locations/LOCATION/pipelineJobs/ID, got %q", name)
	}
	return RunName{Project: parts[1], Location: parts[3], ID: parts[5]}, nil
}

// ConsoleURL is the page of a run in the Google Cloud console; it is empty where
// the name is not that of a run.
func ConsoleURL(name string) string {
	n, err := ParseRunName(name)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("https://console.cloud.google.com/vertex-ai/locations/%s/pipelines/runs/%s?project=%s",
		url.PathEscape(n.Location), url.PathEscape(n.ID), url.QueryEscape(n.Project))
}
