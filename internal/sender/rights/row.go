package rights

// State is what is known of a right.
type State string

// The states of a right.
const (
	// Held: it is there.
	Held State = "ok"
	// Missing: it is not there.
	Missing State = "missing"
	// Unseen: the caller may not look, or what is seen does not tell.
	Unseen State = "unknown"
	// Later: it can be given once the resource is there.
	Later State = "later"
	// Unchecked: IAM does not decide on it.
	Unchecked State = "unchecked"
)

// Row is one line of the checklist.
type Row struct {
	// Name says which right it is.
	Name string `json:"name"`
	// State is what is known of it.
	State State `json:"state"`
	// Detail says why that is so; it may be empty.
	Detail string `json:"detail,omitempty"`
	// Optional tells that calls are made without it, too.
	Optional bool `json:"optional,omitempty"`
	// Cure is the command that mends it, empty where nothing is to be mended.
	Cure string `json:"cure,omitempty"`
	// grant is the binding that mends it, enable that the API is to be switched on.
	grant  *Binding
	enable bool
}
