package metadata

// Mode is the kind of machine, which decides above all how a request for an ID
// token is answered.
type Mode string

// The modes.
const (
	// Vertex404 answers 404, as the machines of Vertex AI do today.
	Vertex404 Mode = "vertex-404"
	// Vertex401 answers 401, as they did before.
	Vertex401 Mode = "vertex-401"
	// ComputeEngine gives ID tokens, as VMs do.
	ComputeEngine Mode = "gce"
	// CloudRun gives ID tokens that say nothing of a VM.
	CloudRun Mode = "cloudrun"
	// GKE gives what the binding of the Kubernetes service account allows, and
	// tells IAM's refusal where there is none.
	GKE Mode = "gke"
	// GKEConcealed hides ID tokens, as metadata concealment does.
	GKEConcealed Mode = "gke-concealed"
)

// Modes lists the modes.
func Modes() []Mode {
	return []Mode{Vertex404, Vertex401, ComputeEngine, CloudRun, GKE, GKEConcealed}
}
