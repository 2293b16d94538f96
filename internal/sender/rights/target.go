package rights

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Target is who answers the call, and so decides who may make it.
type Target struct {
	Kind TargetKind
	// Service is its resource, where it has a policy.
	Service Resource
}

// TargetKind is a kind of target.
type TargetKind string

// The kinds of targets.
const (
	// CloudRun is a Cloud Run service.
	CloudRun TargetKind = "cloudrun"
	// Gen2 is a function of the second generation: a Cloud Run service.
	Gen2 TargetKind = "function"
	// Gen1 is a function of the first generation.
	Gen1 TargetKind = "function-gen1"
	// IAP is a backend service behind Identity-Aware Proxy.
	IAP TargetKind = "iap"
	// Vertex is the Vertex AI API.
	Vertex TargetKind = "vertex"
	// Other decides by itself, without IAM.
	Other TargetKind = "other"
	// Unknown may be anything.
	Unknown TargetKind = ""
)

// ParseTarget reads KIND:NAME, or KIND where there is no name.
func ParseTarget(text, region, project string) (Target, error) {
	kind, name, named := strings.Cut(text, ":")
	t := Target{Kind: TargetKind(kind)}
	switch t.Kind {
	case CloudRun, Gen2, Gen1, IAP:
		if name == "" {
			return Target{}, fmt.Errorf("target %q: want %s:NAME", text, kind)
		}
		if region == "" && t.Kind != IAP {
			return Target{}, fmt.Errorf("target %q: the region is missing", text)
		}
		t.Service = serviceOf(t.Kind, name, region, project)
	case Vertex, Other:
		if named {
			return Target{}, fmt.Errorf("target %q: %s has no name", text, kind)
		}
	default:
		return Target{}, fmt.Errorf("target %q: want cloudrun:NAME, function:NAME, function-gen1:NAME, iap:NAME, vertex or other", text)
	}
	return t, nil
}

func serviceOf(kind TargetKind, name, region, project string) Resource {
	switch kind {
	case Gen1:
		return Resource{Kind: Function, ID: name, Project: project, Region: region}
	case IAP:
		return Resource{Kind: IAPService, ID: name, Project: project}
	case Gen2: // Cloud Run's names have no capitals and underscores
		name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	}
	return Resource{Kind: RunService, ID: name, Project: project, Region: region}
}

// runURL is the URL of a Cloud Run service that tells where it is: NAME-NUMBER.REGION.run.app.
var runURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[a-z0-9-]+---)?([a-z][a-z0-9-]*?)-([0-9]+)\.([a-z0-9-]+)\.run\.app$`)
})

// GuessTarget finds out what it can from the URL. The number is the project's; a
// service of another project is unknown.
func GuessTarget(target *url.URL, project, number string) Target {
	host := target.Hostname()
	if strings.HasSuffix(host, "-aiplatform.googleapis.com") {
		return Target{Kind: Vertex}
	}
	if m := runURL().FindStringSubmatch(host); m != nil && m[2] == number {
		return Target{Kind: CloudRun, Service: serviceOf(CloudRun, m[1], m[3], project)}
	}
	return Target{}
}
