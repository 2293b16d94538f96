package exitcode

// The codes shared by authcall and authpipe. Where the two differ, the comment
// says so.
const (
	// OK means that the call, or the pipeline, succeeded.
	OK = 0
	// Failed means that the service answered, but not with success; for
	// authpipe, that the pipeline failed or was cancelled.
	Failed = 1
	// Usage means bad flags or bad input: nothing was sent.
	Usage = 2
	// Identity means that no credential could be had, or that an identity was
	// refused for want of a permission.
	Identity = 3
	// Unreachable means that the service could not be reached or that the time
	// ran out; for authpipe, that an API call failed, a quota is used up or a
	// thing was not found.
	Unreachable = 4
	// WaitTimeout means, for authpipe, that the wait ran out while the run goes on.
	WaitTimeout = 5
	// Interrupted is the code after SIGINT, as shells give it.
	Interrupted = 130
	// Terminated is the code after SIGTERM, as shells give it.
	Terminated = 143
)
