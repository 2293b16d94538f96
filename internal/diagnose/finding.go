package diagnose

// Finding is what is to be told of a failure.
type Finding struct {
	// Cause says what was tried, as whom, and what came back, on one line.
	Cause string
	// Cure is the command or the change that mends it, "" where none is known.
	Cure string
	// Code is the exit code.
	Code int
}

// String is the whole message, the cure last so that it can be copied.
func (f Finding) String() string {
	if f.Cure == "" {
		return f.Cause
	}
	return f.Cause + "; to fix: " + f.Cure
}
